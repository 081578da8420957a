import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, temporaryFolder} from '../../harness.js'
import {komariServer, type Route} from '../../komari-server.js'

/** RPC2 as 1.4.3 has it: the params come back, and methods called `fail` fail. */
const echo: Route = ({body}) => {
  const document = JSON.parse(body)
  const answer = ({id, method, params}: {id: unknown; method: string; params?: unknown}) =>
    method.endsWith('fail')
      ? {jsonrpc: '2.0', id, error: {code: -32602, message: 'Node not found', data: 'x'}}
      : {jsonrpc: '2.0', id, ...(params === undefined ? {} : {result: params})}
  if (!Array.isArray(document)) return {json: answer(document)}
  return {json: document.length === 1 ? answer(document[0]) : document.map(answer)}
}

describe('komari rpc', () => {
  test('takes parameters from an argument, from flags, and from stdin', async () => {
    const server = await komariServer({'POST /api/rpc2': echo})
    const env = server.environment
    const given = async (words: readonly string[], stdin?: string) =>
      JSON.parse((await cli(['komari', 'rpc', ...words], {env, ...(stdin ? {stdin} : {})})).stdout)
    expect(await given(['common:x', '{"uuid":"a"}'])).toEqual({uuid: 'a'})
    expect(await given(['common:x', '["a", 1]'])).toEqual(['a', 1])
    expect(await given(['common:x', '-f', 'hours=24', '-F', 'n=24'])).toEqual({hours: '24', n: 24})
    expect(await given(['common:x', '--input', '-'], '{"a":1}')).toEqual({a: 1})
    const file = join(temporaryFolder(), 'params.json')
    writeFileSync(file, '[1]')
    expect(await given(['common:x', '--input', file])).toEqual([1])
    expect(await given(['common:x'])).toBe(null)
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'common:x',
    })
  })

  test.each(['json', 'yaml', 'ndjson'])('prints the result: -o %s', async format => {
    const {environment: env} = await komariServer({'POST /api/rpc2': echo})
    const {stdout} = await cli(['komari', 'rpc', 'x:y', '{"a":1}', '-o', format], {env})
    expect(stdout).toBe({json: '{\n  "a": 1\n}\n', yaml: 'a: 1\n', ndjson: '{"a":1}\n'}[format])
  })

  test('sends a batch as one request and gives the answers in its order', async () => {
    const server = await komariServer({'POST /api/rpc2': echo})
    const env = server.environment
    const stdin = '[{"method":"common:a","params":1},{"method":"rpc.b","id":"mine"}]'
    const outcome = await cli('komari rpc --input - -o json', {env, stdin})
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(outcome.stdout)).toEqual([
      {jsonrpc: '2.0', id: 1, result: 1},
      {jsonrpc: '2.0', id: 'mine', result: null},
    ])
    expect(server.requests).toHaveLength(1)
  })

  test('exits with 9 where some calls of a batch fail, and with their code where all do', async () => {
    const {environment: env} = await komariServer({'POST /api/rpc2': echo})
    const some = await cli('komari rpc --input - -o json', {
      env,
      stdin: '[{"method":"a:b"},{"method":"a:fail"}]',
    })
    expect(some.exitCode).toBe(9)
    expect(JSON.parse(some.stdout)).toHaveLength(2)
    expect(failureOf(some).message).toContain('1 of 2 calls failed')
    const all = await cli('komari rpc --input - -o json', {
      env,
      stdin: '[{"method":"a:fail"},{"method":"b:fail"}]',
    })
    expect(all).toMatchObject({exitCode: 5, stdout: ''})
    expect(await cli('komari rpc --input -', {env, stdin: '[{"method":"a:fail"}]'})).toMatchObject({
      exitCode: 5,
    })
    const one = await cli('komari rpc --input -', {env, stdin: '{"method":"a:b","params":[2]}'})
    expect(JSON.parse(one.stdout)).toEqual([2])
  })

  test.each([
    ['komari rpc', ''],
    ['komari rpc --input -', '[]'],
    ['komari rpc --input -', '[{"params":1}]'],
    ['komari rpc --input -', '[1]'],
    ['komari rpc --input -', 'nope'],
    ['komari rpc a:b nope', ''],
    ['komari rpc a:b 1 -f a=b', ''],
    ['komari rpc a:b 1 --input -', '2'],
    ['komari rpc a:b -f a', ''],
    ['komari rpc a:b -o csv', ''],
  ])('refuses before any request: %s', async (line, stdin) => {
    const server = await komariServer({'POST /api/rpc2': echo})
    expect(await cli(line, {env: server.environment, stdin})).toMatchObject({exitCode: 2, stdout: ''})
    expect(server.requests).toEqual([])
  })

  test('repeats what reads, and never what may write', async () => {
    let failing = 0
    const server = await komariServer({
      'POST /api/rpc2': request => {
        failing -= 1
        return failing >= 0 ? {status: 503, text: 'busy'} : typeof echo === 'function' ? echo(request) : echo
      },
    })
    const env = server.environment
    for (const method of [
      'common:getNodes',
      'public:getVersion',
      'rpc.ping',
      'admin:listClients',
      'admin:getLogs',
    ]) {
      failing = 1
      expect(await cli(`komari rpc ${method}`, {env}), method).toMatchObject({exitCode: 0})
    }
    for (const method of ['admin:editClient', 'public:recordVisitorEvent', 'admin:exec', 'plugin:x']) {
      failing = 1
      server.requests.length = 0
      expect(await cli(`komari rpc ${method}`, {env}), method).toMatchObject({exitCode: 7, stdout: ''})
      expect(server.requests).toHaveLength(1)
    }
  })

  test('--dry-run shows what would be written, and still reads', async () => {
    const server = await komariServer({'POST /api/rpc2': echo})
    const env = {...server.environment, KOMARI_API_KEY: 'a-secret-api-key'}
    const plan = await cli('komari rpc admin:editClient -f uuid=a --dry-run', {env})
    expect(JSON.parse(plan.stdout)).toMatchObject({
      method: 'POST',
      body: {method: 'admin:editClient', params: {uuid: 'a'}},
    })
    expect(plan.stdout).not.toContain('a-secret-api-key')
    expect(server.requests).toEqual([])
    expect(await cli('komari rpc rpc.ping --dry-run', {env})).toMatchObject({exitCode: 0, stdout: 'null\n'})
  })

  test('exits with 10 where the version has no RPC2', async () => {
    const {environment: env} = await komariServer()
    const outcome = await cli('komari rpc rpc.ping -o json', {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 10, hint: 'RPC2 needs Komari 1.0.7 or newer'})
  })
})
