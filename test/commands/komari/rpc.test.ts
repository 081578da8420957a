import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, komariSandbox, temporaryFolder} from '../../harness.js'

describe('komari rpc', () => {
  test('takes parameters from an argument, from flags, and from stdin', async () => {
    const {url, requests} = await komariSandbox()
    const env = {KOMARI_URL: url}
    const sent = async (words: readonly string[], stdin?: string): Promise<unknown> => {
      const outcome = await cli(['komari', 'rpc', 'rpc.ping', ...words], {env, ...(stdin ? {stdin} : {})})
      expect(outcome).toEqual({exitCode: 0, stderr: '', stdout: '"pong"\n'})
      return JSON.parse(requests.at(-1)?.body ?? '').params
    }
    expect(await sent(['{"uuid":"a"}'])).toEqual({uuid: 'a'})
    expect(await sent(['["a", 1]'])).toEqual(['a', 1])
    expect(await sent(['-f', 'hours=24', '-F', 'n=24'])).toEqual({hours: '24', n: 24})
    expect(await sent(['--input', '-'], '{"a":1}')).toEqual({a: 1})
    const file = join(temporaryFolder(), 'params.json')
    writeFileSync(file, '[1]')
    expect(await sent(['--input', file])).toEqual([1])
    expect(await sent([])).toBe(undefined)
    expect(JSON.parse(requests.at(-1)?.body ?? '')).toEqual({jsonrpc: '2.0', id: 1, method: 'rpc.ping'})
  })

  test('gives null where a method has no result', async () => {
    const {environment: env, state} = await komariSandbox()
    const [uuid = ''] = state.nodes.keys()
    const outcome = await cli(`komari rpc admin:editClient -f uuid=${uuid} -f name=new`, {env})
    expect(outcome).toMatchObject({exitCode: 0, stdout: 'null\n'})
    expect(state.nodes.get(uuid)?.columns.name).toBe('new')
  })

  test.each(['json', 'yaml', 'ndjson'])('prints the result: -o %s', async format => {
    const {environment: env} = await komariSandbox()
    const {stdout} = await cli(['komari', 'rpc', 'admin:getLogs', '{"limit":"1"}', '-o', format], {env})
    const shown = {
      json: '{\n  "logs": [],\n  "total": 0\n}\n',
      yaml: 'logs: []\ntotal: 0\n',
      ndjson: '{"logs":[],"total":0}\n',
    }[format]
    expect(stdout).toBe(shown)
  })

  test('sends a batch as one request and gives the answers in its order', async () => {
    const {url, requests} = await komariSandbox()
    const env = {KOMARI_URL: url}
    const stdin = '[{"method":"rpc.version"},{"method":"rpc.ping","id":"mine"}]'
    const outcome = await cli('komari rpc --input - -o json', {env, stdin})
    expect(outcome).toMatchObject({exitCode: 0, stderr: ''})
    expect(JSON.parse(outcome.stdout)).toEqual([
      {jsonrpc: '2.0', id: 1, result: '2.0'},
      {jsonrpc: '2.0', id: 'mine', result: 'pong'},
    ])
    expect(requests).toHaveLength(1)
  })

  test('exits with 9 where some calls of a batch fail, and with their code where all do', async () => {
    const {environment: env} = await komariSandbox()
    const batch = (stdin: string) => cli('komari rpc --input - -o json', {env, stdin})
    const some = await batch('[{"method":"rpc.ping"},{"method":"common:none"}]')
    expect(some.exitCode).toBe(9)
    expect(JSON.parse(some.stdout)).toHaveLength(2)
    expect(failureOf(some).message).toContain('1 of 2 calls failed')
    const all = await batch('[{"method":"common:none"},{"method":"rpc.none"}]')
    expect(all).toMatchObject({exitCode: 5, stdout: ''})
    expect(await batch('[{"method":"common:none"}]')).toMatchObject({exitCode: 5, stdout: ''})
    const one = await batch('{"method":"rpc.ping","params":[2]}')
    expect(JSON.parse(one.stdout)).toBe('pong')
  })

  test('exits with 4 where a guest may not, in a batch as alone', async () => {
    const {url} = await komariSandbox()
    const env = {KOMARI_URL: url}
    expect(failureOf(await cli('komari rpc admin:listClients -o json', {env}))).toMatchObject({exitCode: 4})
    const stdin = '[{"method":"admin:listClients"},{"method":"admin:getSettings"}]'
    expect(await cli('komari rpc --input -', {env, stdin})).toMatchObject({exitCode: 4, stdout: ''})
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
    const {environment: env, requests} = await komariSandbox()
    expect(await cli(line, {env, stdin})).toMatchObject({exitCode: 2, stdout: ''})
    expect(requests).toEqual([])
  })

  test('tells of a refusal whatever its code is', async () => {
    const {environment: env, faults} = await komariSandbox()
    const said = async (code: unknown) => {
      const change = () => ({jsonrpc: '2.0', id: 1, error: {code, message: 'no disk'}})
      faults.next({kind: 'wrong-types', change}, {path: '/api/rpc2', times: 1})
      return failureOf(await cli('komari rpc rpc.ping -o json', {env}))
    }
    expect(await said(-32603)).toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/refused the call: no disk \(-32603\)$/),
    })
    for (const code of [[1, 'a', {}], {}, null, 'x', 1e300])
      expect(await said(code)).toMatchObject({
        exitCode: 5,
        message: expect.stringMatching(/refused the call: no disk$/),
      })
  })

  test('repeats what reads, and never what may write', async () => {
    const {environment: env, requests, faults} = await komariSandbox()
    for (const method of [
      'common:getNodes',
      'public:getVersion',
      'rpc.ping',
      'admin:listClients',
      'admin:getLogs',
    ]) {
      faults.next({kind: 'status', status: 503})
      expect(await cli(`komari rpc ${method}`, {env}), method).toMatchObject({exitCode: 0})
    }
    for (const method of ['admin:editClient', 'public:recordVisitorEvent', 'admin:exec', 'plugin:x']) {
      faults.next({kind: 'status', status: 503})
      requests.length = 0
      expect(await cli(`komari rpc ${method}`, {env}), method).toMatchObject({exitCode: 7, stdout: ''})
      expect(requests.filter(({body}) => body.includes(method))).toHaveLength(1)
    }
  })

  test('--dry-run shows what would be written, and still reads', async () => {
    const {environment: env, apiKey, requests} = await komariSandbox()
    const plan = await cli('komari rpc admin:editClient -f uuid=a --dry-run', {env})
    expect(JSON.parse(plan.stdout)).toMatchObject({
      method: 'POST',
      body: {method: 'admin:editClient', params: {uuid: 'a'}},
    })
    expect(plan.stdout).not.toContain(apiKey)
    expect(requests).toEqual([])
    const read = await cli('komari rpc rpc.ping --dry-run', {env})
    expect(read).toMatchObject({exitCode: 0, stdout: '"pong"\n'})
  })

  test('exits with 10 where the version has no RPC2', async () => {
    const {environment: env} = await komariSandbox({profile: '1.0.3'})
    const outcome = await cli('komari rpc rpc.ping -o json', {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 10, hint: 'RPC2 needs Komari 1.0.7 or newer'})
  })
})
