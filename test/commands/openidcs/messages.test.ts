import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli, openidcsSandbox} from '../../harness.js'
import {hosts} from '../../openidcs-panel.js'
import {type Answer, replayServer} from '../../replay-server.js'

/** What messages repeat of what a panel says, and what they do not. */

const token = 'good-token-0001'
const html = 'text/html; charset=utf-8'
const cookie = 'session=secret-cookie-0001'

async function panel(routes: Record<string, Answer>) {
  const server = await replayServer()
  Object.assign(server.routes, routes)
  return {...server, env: {OPENIDCS_URL: server.url, OPENIDCS_TOKEN: token}}
}

function says(msg: string, code = 500, data: unknown = null): Answer {
  return {json: {code, msg, data}}
}

test.each<[string, number, Answer]>([
  ['a message', 5, says('x'.repeat(5_000_000))],
  ['the reason in its data', 5, says('no', 500, {message: 'x'.repeat(5_000_000)})],
  ['the message of a gateway', 10, {status: 400, json: {code: 400, msg: 'x'.repeat(5_000_000)}}],
  ['the words of an HTTP 500', 6, {status: 500, json: {message: 'x'.repeat(5_000_000)}}],
])('%s of megabytes is cut off', async (_, code, answer) => {
  const server = await panel({'GET /api/system/statis': answer})
  const {stderr, exitCode} = await cli('openidcs system stats --retries 0', {env: server.env})
  expect(exitCode).toBe(code)
  expect(stderr).toContain(`${'x'.repeat(300)}…`)
  expect(stderr.length).toBeLessThan(1000)
})

describe.each(['', ' -o json', ' --debug'])('a panel that echoes what it was sent, with%s', flags => {
  test('does not get the token into a message', async () => {
    const server = await panel({'GET /api/system/statis': says(`your header: Bearer ${token}`)})
    const outcome = await cli(`openidcs system stats${flags}`, {env: server.env})
    expect(outcome.exitCode).toBe(5)
    expect(outcome.stderr).toContain('your header: Bearer ********')
    expect(outcome.stderr).not.toContain(token)
  })

  test('does not get its session into a message', async () => {
    const server = await panel({
      'GET /api/system/statis': says('', 200, {host_count: 0, vm_count: 0}),
      'POST /api/login': {json: {code: 200, msg: ''}, headers: {'set-cookie': cookie}},
    })
    server.routes['GET /api/server/detail'] = ({headers}) =>
      headers.cookie === undefined ? says('no', 401) : says(`no, ${headers.cookie}`)
    const outcome = await cli(`openidcs host list${flags}`, {env: server.env})
    expect(outcome.exitCode).toBe(5)
    expect(outcome.stderr).toContain('said: no, ********')
    expect(outcome.stderr).not.toContain('secret-cookie-0001')
  })
})

test.each(['', ' -o json'])(
  'a panel that leads to an address with the token gets it into no hint either:%s',
  async flags => {
    const to = {location: `http://${token.toUpperCase()}.example.com/api/system/statis`}
    const server = await panel({
      'GET /api/system/statis': {status: 302, text: '', type: 'text/html', headers: to},
    })
    const {stderr, exitCode} = await cli(`openidcs system stats${flags}`, {env: server.env})
    expect(exitCode).toBe(10)
    expect(stderr).toMatch(/hint.*--url http:\/\/\*{8}\.example\.com/)
    expect(stderr).not.toContain(token)
  },
)

test('a token with line breaks in it is masked in the stack of --debug too', async () => {
  const server = await panel({
    'GET /api/system/statis': says(`no, ${token.slice(0, 8)}\r\n${token.slice(8)}`),
  })
  const {stderr} = await cli('openidcs system stats --debug', {env: server.env})
  expect(stderr).toContain('PanelctlError: ')
  expect(stderr).not.toContain(token.slice(8))
})

test('a failure in JSON holds no token', async () => {
  const server = await panel({'GET /api/system/statis': says(token)})
  const outcome = await cli('openidcs system stats -o json', {env: server.env})
  expect(failureOf(outcome).message).toContain('said: ********')
})

test('a token that is cut off is none in a message either', async () => {
  const server = await panel({'GET /api/system/statis': says(`${'x'.repeat(290)}${token}`)})
  const {stderr} = await cli('openidcs system stats', {env: server.env})
  expect(stderr).toContain('x********…')
  expect(stderr).not.toContain(token.slice(0, 6))
})

test.each(['"server\\u005fpass"', '"server_\\u0070ass"', '"\\u0073erver_pass"'])(
  'a password whose field is written as %s is masked',
  async name => {
    const text = `{"code":200,"msg":"","data":{"name":"h","config":{${name}:"PASS-hunter2"}}}`
    const server = await panel({'GET /api/server/detail/h': {text, type: 'application/json'}})
    const {stdout, exitCode} = await cli('openidcs host show h -o json', {env: server.env})
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({config: {server_pass: '********'}})
  },
)

describe('the page of a front end that is not built is that of the panel, for a path that it does not have', () => {
  test.each(['/login', '/hosts', '/a/b/', '/api', '/api/v1/'])('below %s', async path => {
    const {url, environment} = await openidcsSandbox({profile: 'newest', hosts})
    const env = {...environment, OPENIDCS_URL: `${url}${path}`}
    const base = path.replace(/\/$/, '')
    for (const line of [
      'host list',
      'nat add node1 web1 --port 8080 --to 192.168.1.101:80',
      'system token show',
    ])
      expect(failureOf(await cli(`openidcs ${line} --retries 0 -o json`, {env})), line).toMatchObject({
        exitCode: 10,
        message: expect.stringContaining(`OpenIDCS at ${new URL(url).host} has no GET ${base}/api/`),
        hint: `check the path of the URL: without ${base} it is ${url}`,
      })
  })

  test('a call of the API', async () => {
    const {url, environment} = await openidcsSandbox({profile: 'newest'})
    const run = (line: string) => cli(`openidcs api ${line} -o json`, {env: environment})
    for (const method of ['GET', 'POST'])
      expect(failureOf(await run(`${method} /nope --retries 0`))).toMatchObject({
        exitCode: 10,
        message: `OpenIDCS at ${new URL(url).host} has no ${method} /nope`,
      })
  })

  test('in answer to a write too, which did nothing', async () => {
    const text = '<html><head><title>OpenIDCS - 前端未构建</title></head><body></body></html>'
    const server = await panel({'POST /api/system/saving': {status: 503, type: html, text}})
    const outcome = await cli('openidcs system config save -o json', {env: server.env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 10, code: 'BAD_RESPONSE', status: 503})
  })

  test('and not that of what stands before it', async () => {
    const text = '<html><head><title>503 Service Temporarily Unavailable</title></head></html>'
    const server = await panel({'GET /api/system/statis': {status: 503, type: html, text}})
    const outcome = await cli('openidcs system stats --retries 0 -o json', {env: server.env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('what stands before'),
    })
  })
})
