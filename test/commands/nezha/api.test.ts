import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import type {NezhaOptions} from '../../emulated.js'
import {failureOf, paths} from '../../failure.js'
import {cli, dashboardSandbox, nezhaSandbox, temporaryFolder} from '../../harness.js'
import {serve} from '../../process/serve.js'
import {replayServer} from '../../replay-server.js'

const world: NezhaOptions = {servers: [{name: 'new1', tag: 'Backup', state: 'never'}]}

const new1 = {
  id: 1,
  name: 'new1',
  tag: 'Backup',
  last_active: -62135596800,
  ipv4: '',
  ipv6: '',
  valid_ip: '',
  display_index: 0,
  hide_for_guest: false,
}

describe('nezha api', () => {
  test('prints the data without its envelope', async () => {
    const sandbox = await nezhaSandbox(world)
    const outcome = await cli('nezha api GET /api/v1/server/list -f tag=Backup', {env: sandbox.environment})
    expect(outcome).toEqual({exitCode: 0, stderr: '', stdout: `${JSON.stringify([new1], null, 2)}\n`})
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/list?tag=Backup'])
    expect(sandbox.requests[0]?.headers.authorization).toBe(sandbox.token)
  })

  test.each([
    [
      'GET /api/v1/ws/server',
      5,
      /^Nezha at \S+ has \/api\/v1\/ws\/server for WebSockets alone$/,
      'panelctl nezha server status --follow -o ndjson',
    ],
    ['GET /mcp', 5, /^Nezha refused GET \/mcp; \S+ said: MCP endpoint only accepts POST/, undefined],
    ['GET /api/v1/profile', 4, /by api token$/, /^it takes a session: NEZHA_USERNAME and NEZHA_PASSWORD/],
  ])('puts down to Nezha what v2 says of %s to an API token', async (line, exitCode, message, hint) => {
    const {environment: env} = await dashboardSandbox({mcp: true})
    const failed = failureOf(await cli(`nezha api ${line} -o json`, {env}))
    expect(failed).toMatchObject({exitCode, message: expect.stringMatching(message)})
    if (hint === undefined) expect(failed).not.toHaveProperty('hint')
    else expect(failed.hint).toMatch(hint)
  })

  test('keeps the envelope with --raw', async () => {
    const {environment: env} = await nezhaSandbox(world)
    const {stdout} = await cli('nezha api GET /api/v1/server/list --raw', {env})
    expect(JSON.parse(stdout)).toEqual({code: 0, message: 'success', result: [new1]})
  })

  test.each([
    ['-o ndjson', `${JSON.stringify(new1)}\n`],
    ['-o yaml', expect.stringMatching(/^- id: 1\n {2}name: new1\n/)],
    ['-o json', `${JSON.stringify([new1], null, 2)}\n`],
  ])('has the formats that need no columns: %s', async (flags, stdout) => {
    const {environment: env} = await nezhaSandbox(world)
    expect(await cli(`nezha api GET /api/v1/server/list ${flags}`, {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout,
    })
  })

  test('sends -f as texts and -F as JSON: the query of GET, the body otherwise', async () => {
    const sandbox = await nezhaSandbox(world)
    const env = sandbox.environment
    await cli(['nezha', 'api', 'GET', '/api/v1/server/list', '-f', 'tag=a;b&c=香 港%', '-F', 'n=[1]'], {env})
    await cli(
      ['nezha', 'api', 'POST', '/api/v1/server/register', '-f', 'Name=a=b', '-F', 'Tag=null', '-f', 'Note='],
      {env},
    )
    expect(sandbox.requests.map(({path, body}) => ({path, body}))).toEqual([
      {path: '/api/v1/server/list?tag=a%3Bb%26c%3D%E9%A6%99+%E6%B8%AF%25&n=%5B1%5D', body: ''},
      {path: '/api/v1/server/register', body: '{"Name":"a=b","Note":"","Tag":null}'},
    ])
  })

  test('sends a body from stdin or a file', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const env = sandbox.environment
    const file = join(temporaryFolder(), 'body.json')
    writeFileSync(file, '{"Name": "from a file"}')
    await cli('nezha api POST /api/v1/server/register --input -', {env, stdin: '{"Name":"from stdin"}'})
    await cli(`nezha api POST /api/v1/server/register --input ${file}`, {env})
    expect([...sandbox.state.servers.values()].map(({name}) => name)).toEqual(['from stdin', 'from a file'])
  })

  test('shows what register answers, secret included', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const {stdout} = await cli('nezha api POST /api/v1/server/register -F Name=null', {
      env: sandbox.environment,
    })
    expect(JSON.parse(stdout)).toEqual({
      code: 200,
      message: 'Server created successfully',
      secret: sandbox.state.servers.get(1)?.secret,
    })
  })

  test('decodes what is a JSON string', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const {stdout} = await cli(
      ['nezha', 'api', 'POST', '/api/v1/server/register?simple=1', '-f', 'Name=a', '--raw'],
      {env: sandbox.environment},
    )
    expect(JSON.parse(stdout)).toBe(sandbox.state.servers.get(1)?.secret)
  })

  test('prints status and headers on stderr with --include', async () => {
    const {environment: env} = await nezhaSandbox(world)
    const line = 'nezha api GET /api/v1/server/list --include'
    const {stdout, stderr} = await cli(line, {env})
    expect(stderr).toMatch(/^HTTP 200\n(.+: .+\n)*content-type: application\/json; charset=utf-8\n/)
    expect(JSON.parse(stdout)).toEqual([new1])
    const asJson = await cli(`${line} -o json --quiet`, {env})
    const notes = asJson.stderr
      .trimEnd()
      .split('\n')
      .map(text => JSON.parse(text))
    expect(notes).toContainEqual({note: 'HTTP 200'})
    expect(notes).toContainEqual({note: 'content-type: application/json; charset=utf-8'})
  })

  test('sends no write with --dry-run, and does read', async () => {
    const sandbox = await nezhaSandbox(world)
    const env = sandbox.environment
    const {stdout, exitCode} = await cli(
      ['nezha', 'api', 'PATCH', '/x?token=abc', '-f', 'password=p', '-f', 'Name=n', '--dry-run'],
      {env},
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      method: 'PATCH',
      url: `${sandbox.url}/x?token=********`,
      headers: expect.objectContaining({authorization: '********'}),
      body: {password: '********', Name: 'n'},
    })
    expect(paths(sandbox)).toEqual([])
    await cli('nezha api GET /api/v1/server/list --dry-run', {env})
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/list'])
  })

  test.each([
    ['application/json; charset=ISO-8859-1', 'latin1', 'Zürich', 'Zürich'],
    ['application/json;charset="iso-8859-1"', 'utf8', 'Zürich 北京', 'Zürich 北京'],
    ['application/json; charset=nonsense', 'utf8', 'Zürich', 'Zürich'],
  ] as const)('reads %s, in %s', async (type, encoding, sent, read) => {
    const {url} = await serve((_request, response) => {
      response.setHeader('content-type', type)
      response.end(Buffer.from(`{"code":0,"result":[{"name":"${sent}","load":1e400}]}`, encoding))
    })
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 't'}
    for (const raw of ['', ' --raw']) {
      const {stdout} = await cli(`nezha api GET /x -o json${raw}`, {env})
      expect(stdout.replaceAll(/\s/g, '')).toContain(`{"name":"${read.replaceAll(' ', '')}","load":1e400}`)
    }
  })

  test('passes on what is not JSON with --raw, and only then', async () => {
    const sandbox = await nezhaSandbox(world)
    const env = sandbox.environment
    sandbox.faults.next({kind: 'html-200', body: '<h1>hello</h1>\n'}, {times: 2})
    expect(await cli('nezha api GET /page --raw', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: '<h1>hello</h1>\n',
    })
    const outcome = await cli('nezha api GET /page -o json', {env})
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(failureOf(outcome).message).toContain('hello')
  })

  test.each([
    ['GET /nope', 10, 'BAD_RESPONSE'],
    ['GET /nope --raw', 10, 'BAD_RESPONSE'],
    ['HEAD /api/v1/server/list', 10, 'BAD_RESPONSE'],
    ['GET /api/v1/monitor/99', 3, 'NOT_FOUND'],
    ['GET /api/v1/monitor/abc', 5, 'REJECTED'],
    ['GET /api/v1/monitor/abc --raw', 5, 'REJECTED'],
    ['POST /api/v1/server/register -F Name=5', 5, 'REJECTED'],
    ['DELETE /api/v1/server/list', 10, 'BAD_RESPONSE'],
  ])('has the exit codes of every command: %s', async (words, exitCode, code) => {
    const {environment: env} = await nezhaSandbox(world)
    const outcome = await cli(`nezha api ${words} -o json`, {env})
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code, exitCode})
  })

  test('exits with 4 for a wrong token, also with --raw', async () => {
    const {environment} = await nezhaSandbox(world)
    const env = {...environment, NEZHA_TOKEN: 'wrong'}
    expect(await cli('nezha api GET /api/v1/server/list --raw', {env})).toMatchObject({
      exitCode: 4,
      stdout: '',
    })
  })

  test('repeats a read and never a write', async () => {
    const sandbox = await nezhaSandbox(world)
    const env = sandbox.environment
    sandbox.faults.next({kind: 'status', status: 502})
    expect(await cli('nezha api GET /api/v1/server/list --retries 1', {env})).toMatchObject({exitCode: 0})
    expect(sandbox.requests).toHaveLength(2)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      sandbox.requests.length = 0
      sandbox.faults.next({kind: 'status', status: 502})
      expect(await cli(`nezha api ${method} /x --retries 1`, {env})).toMatchObject({exitCode: 7, stdout: ''})
      expect(sandbox.requests).toHaveLength(1)
    }
  })

  test('what a secret field holds is in no message', async () => {
    const {environment: env, faults} = await nezhaSandbox(world)
    for (const line of ['nezha api POST /a -f password=hunter22', 'nezha api GET /a -f token=hunter22']) {
      faults.next({kind: 'status', status: 400, body: '{"code":400,"message":"hunter22 is weak"}'})
      const {stderr} = await cli(line, {env})
      expect(stderr).toContain('******** is weak')
    }
  })

  test.each([
    ['https://nezha.example.com/api/v1/server/list?id=1', 'as in /api/v1/server/list?id=1; '],
    ['api/v1', 'as in /api/v1; '],
  ])('a path that is none gets one that is: %s', async (path, hint) => {
    const {environment: env} = await nezhaSandbox()
    const outcome = await cli(['nezha', 'api', 'GET', path], {env})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(`hint: ${hint}`)
  })

  test.each([
    [['GET', 'api/v1'], 'the path "api/v1" does not start with /'],
    [['GET', '/a#b'], 'the path holds a #'],
    [['get', '/a'], 'METHOD: expected get to be one of: GET, HEAD, POST, PUT, PATCH, DELETE'],
    [['POST', '/a', '-f', 'x'], '"x" is not name=value'],
    [['POST', '/a', '-f', '=x'], '"=x" is not name=value'],
    [['POST', '/a', '-f', 'password:hunter2'], '"password…" is not name=value'],
    [['POST', '/a', '-F', 'password=hunter2'], "the value of password is not JSON: Unexpected token 'h'"],
    [['POST', '/a', '-F', 'x={'], expect.stringMatching(/^the value of x is not JSON: /)],
    [['POST', '/a', '--input', '-'], expect.stringMatching(/^stdin is not JSON: /)],
    [['POST', '/a', '--input', '/does/not/exist'], 'there is no file /does/not/exist'],
    [['POST', '/a', '--input', '-', '-f', 'a=b'], '--input and fields contradict each other'],
    [['GET', '/a', '--input', '-'], 'GET has no body'],
    [['GET', '/a', '--columns', 'x'], '--columns goes with -o table and -o csv, not with -o json'],
    [['GET', '/a', '--sort', 'x'], 'this result has no rows, which --sort needs'],
    [['GET'], 'missing argument PATH'],
  ])('refuses %j before any request', async (words, message) => {
    const sandbox = await nezhaSandbox(world)
    const outcome = await cli(['nezha', 'api', ...words, '-o', 'json'], {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'USAGE', message})
    expect(paths(sandbox)).toEqual([])
  })

  test.each(['csv', 'id'])('has no rows for -o %s', async format => {
    expect(await cli(`nezha api GET /a -o ${format}`)).toMatchObject({exitCode: 2, stdout: ''})
  })

  test("names the cookie where a call of the dashboard's own page wants it", async () => {
    const server = await replayServer()
    server.routes['GET /api/token'] = ({headers}) =>
      headers.cookie === 'nezha-dashboard=x'
        ? {json: {code: 0, message: 'success', result: [{token: 'of-the-api', note: 'n'}]}}
        : {json: {code: 403, message: '访问此接口需要登录'}}
    const url = {NEZHA_DASHBOARD_URL: server.url}
    const refused = await cli('nezha api GET /api/token', {env: {...url, NEZHA_TOKEN: 'of-the-api'}})
    expect(refused).toMatchObject({exitCode: 4, stdout: ''})
    expect(refused.stderr).toContain('GET /api/token wants the cookie of a login, and takes no API token')
    expect(refused.stderr).toContain('hint: panelctl nezha login --with-cookie')
    // A cookie that is over is to be replaced by a cookie.
    const over = await cli('nezha api GET /api/token', {env: {...url, NEZHA_COOKIE: 'nezha-dashboard=old'}})
    expect(over).toMatchObject({exitCode: 4, stdout: ''})
    expect(over.stderr).toContain('Nezha refused the cookie')
    expect(over.stderr).toContain('hint: panelctl nezha login --with-cookie')
    const env = {...url, NEZHA_COOKIE: 'nezha-dashboard=x'}
    const given = await cli('nezha api GET /api/token', {env})
    expect(JSON.parse(given.stdout)).toEqual([{token: 'of-the-api', note: 'n'}])
    server.routes['GET /api/v1/server/list'] = {json: {code: 403, message: '访问此接口需要认证'}}
    const token = await cli('nezha server list', {env: {...url, NEZHA_TOKEN: 'x'}})
    expect(token.stderr).toContain('Nezha refused the token')
  })
})
