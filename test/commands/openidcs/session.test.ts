import {describe, expect, onTestFinished, test} from 'vitest'
import type {Answer, SandboxRequest} from '../../../src/lib/sandbox/answer.js'
import {type Listening, listen} from '../../emulated.js'
import {failureOf, paths} from '../../failure.js'
import {cli} from '../../harness.js'
import {panel as emulated} from '../../openidcs-panel.js'

/** A small panel that wants a session for lists of hosts, as v0.2 to v0.5 do (contracts/openidcs.md 1.3). */

const json = {'content-type': 'application/json'}

function said(code: number, data: unknown = null, headers: Answer['headers'] = {}): Answer {
  return {status: 200, headers: {...json, ...headers}, body: JSON.stringify({code, msg: 'free text', data})}
}

const page405: Answer = {
  status: 405,
  headers: {'content-type': 'text/html; charset=utf-8'},
  body: '<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>',
}

const token = 'good-token-0001'
const cookie = 'session=secret-cookie-0001'
const welcome = said(200, {redirect: '/admin'}, {'set-cookie': `${cookie}; HttpOnly; Path=/`})

interface Routes {
  readonly [route: string]: Answer | ((request: SandboxRequest) => Answer)
}

async function panel(routes: Routes = {}): Promise<Listening & {env: Record<string, string>}> {
  const all: Routes = {
    'GET /api/system/statis': ({headers}) =>
      headers.authorization === `Bearer ${token}`
        ? said(200, {host_count: 0, vm_count: 0, running_vm_count: 0})
        : said(401),
    'POST /login': welcome,
    'GET /api/server/detail': ({headers}) => (headers.cookie === cookie ? said(200, {}) : said(401)),
    ...routes,
  }
  const server = await listen({
    handler: request => {
      const route = all[`${request.method} ${request.path}`] ?? page405
      return typeof route === 'function' ? route(request) : route
    },
    now: Date.now,
  })
  onTestFinished(() => server.close())
  return {...server, env: {OPENIDCS_URL: server.url, OPENIDCS_TOKEN: token}}
}

const flow = ['GET /api/server/detail', 'GET /api/system/statis', 'POST /api/login', 'POST /login']

describe('a session that a version wants besides the token', () => {
  test('is logged in for, and nobody notices', async () => {
    const server = await panel()
    expect(await cli('openidcs host list -o json', {env: server.env})).toEqual({
      stdout: '[]\n',
      stderr: '',
      exitCode: 0,
    })
    expect(paths(server)).toEqual([...flow, 'GET /api/server/detail'])
  })

  test('is asked for where the newest version has it', async () => {
    const server = await panel({'POST /api/login': welcome, 'POST /login': page405})
    expect((await cli('openidcs host list', {env: server.env})).exitCode).toBe(0)
    expect(paths(server)).toEqual([...flow.slice(0, 3), 'GET /api/server/detail'])
  })

  test('is not given to an address that failed too often: the token is not blamed, and later it is', async () => {
    const server = await panel({'POST /api/login': said(429)})
    const outcome = await cli('openidcs host list', {env: server.env})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(outcome.stderr).toBe(
      [
        `panelctl: OpenIDCS at 127.0.0.1:${server.port} takes no logins from this address for now; it said: free text`,
        'hint: too many failed logins lock an address out for five minutes: try it later',
        '',
      ].join('\n'),
    )
    expect(paths(server)).toEqual(flow.slice(0, 3))
  })

  test('is not given for a temporary token: the hint is about that and no lock', async () => {
    const server = await panel({'POST /api/login': said(401)})
    const outcome = await cli('openidcs host list', {env: server.env})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(outcome.stderr).toBe(
      [
        `panelctl: this version of OpenIDCS wants a session besides the token, and gave none; 127.0.0.1:${server.port} said: free text`,
        'hint: is it the access token that the panel prints each time it starts, and not a temporary one?',
        '',
      ].join('\n'),
    )
  })

  test('is refused to whoever logs in by hand as to panelctl: exit 6 while the address is locked out', async () => {
    const {environment: env} = await emulated('newest')
    const login = (token: string) => cli(`openidcs api POST /api/login -f token=${token} -o json`, {env})
    for (let failed = 0; failed < 5; failed++) expect((await login('bad')).exitCode).toBe(4)
    const locked = {code: 'UNREACHABLE', exitCode: 6}
    expect(failureOf(await login(String(env.OPENIDCS_TOKEN)))).toMatchObject(locked)
    const add = 'openidcs nat add node1 web10 --port 8099 --to 192.168.1.110:80 -o json'
    expect(failureOf(await cli(add, {env}))).toMatchObject(locked)
    // What needs no session goes on.
    expect((await cli('openidcs vm list node1', {env})).exitCode).toBe(0)
  })

  test('is no session where the login gives no cookie', async () => {
    const server = await panel({'POST /login': said(200, {redirect: '/admin'})})
    expect((await cli('openidcs host list', {env: server.env})).exitCode).toBe(4)
  })

  test('is not asked for with a bad token: failed logins lock an address out', async () => {
    const server = await panel()
    const outcome = await cli('openidcs host list -o json', {env: {...server.env, OPENIDCS_TOKEN: 'bad'}})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'AUTH', panel: 'openidcs'})
    expect(paths(server)).toEqual(flow.slice(0, 2))
  })

  test('is not asked for without a token', async () => {
    const server = await panel()
    const outcome = await cli('openidcs host list', {env: {OPENIDCS_URL: server.url}})
    expect(outcome.exitCode).toBe(4)
    expect(paths(server)).toEqual(flow.slice(0, 1))
  })

  test.each([
    ['the panel cannot be asked whether the token is good', 'GET /api/system/statis'],
    ['the panel fails at the login', 'POST /api/login'],
  ])('is not to be had for now where %s', async (_, route) => {
    const server = await panel({[route]: {status: 503, headers: json, body: '{}'}})
    const outcome = await cli('openidcs host list --retries 0 -o json', {env: server.env})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'UNREACHABLE', status: 503})
  })

  test('is kept out of what --debug shows, and so is the token', async () => {
    const server = await panel()
    const {stderr, exitCode} = await cli('openidcs host list --debug', {env: server.env})
    expect(exitCode).toBe(0)
    expect(stderr).toContain('POST ')
    expect(stderr).not.toContain(token)
    expect(stderr).not.toContain('secret-cookie-0001')
  })

  test('is no cure for a disabled host: that write is sent once', async () => {
    const server = await panel({'POST /api/client/powers/node1/web1': said(403)})
    const outcome = await cli('openidcs api POST /api/client/powers/node1/web1 -f action=start -o json', {
      env: server.env,
    })
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(paths(server)).toEqual(['POST /api/client/powers/node1/web1'])
  })

  test.each([
    [500, 401, 7],
    [502, 403, 7],
    // No panel says that with HTTP 404 (contracts/openidcs.md 1.1).
    [404, 401, 10],
    [307, 401, 10],
  ])(
    'is not asked for after HTTP %i with code %i: that write is sent once',
    async (status, code, exitCode) => {
      const write = 'DELETE /api/client/natdel/node1/web1/0'
      const server = await panel({[write]: {...said(code), status}})
      const command = 'openidcs api DELETE /api/client/natdel/node1/web1/0'
      expect(await cli(command, {env: server.env})).toMatchObject({exitCode, stdout: ''})
      expect(paths(server)).toEqual([write])
    },
  )

  test.each([500, 404])(
    'that is there is not renewed after HTTP %i: that write is sent once',
    async status => {
      const write = 'POST /api/client/natadd/node1/web1'
      const server = await panel({
        'GET /api/client/natget/node1/web1': ({headers}) =>
          headers.cookie === cookie ? said(200, []) : said(401),
        [write]: {...said(401), status},
      })
      await cli('openidcs nat add node1 web1 --port 80 --to 192.0.2.1:80', {env: server.env})
      expect(paths(server).filter(path => path === write)).toHaveLength(1)
    },
  )

  test('is the last cookie of that name that holds something', async () => {
    const headers = {
      'set-cookie': ['session=; Max-Age=0', 'session=old', cookie, 'session=x; Path=/; Max-Age=0', 'a=b'],
    }
    const server = await panel({'POST /login': {...welcome, headers: {...json, ...headers}}})
    expect((await cli('openidcs host list', {env: server.env})).exitCode).toBe(0)
  })

  test.each<[string, Answer, number]>([
    ['HTTP 500', {status: 500, headers: {'content-type': 'text/html'}, body: '<h1>boom</h1>'}, 6],
    ['a redirect', {status: 307, headers: {location: 'http://192.0.2.1/api/login'}, body: ''}, 10],
    ['a page', {status: 200, headers: {'content-type': 'text/html'}, body: '<h1>welcome</h1>'}, 10],
    ['JSON of another product', {status: 200, headers: json, body: '{"ok":true}'}, 10],
  ])('is tried once where the login answers %s, and the token is not blamed', async (_, answer, exitCode) => {
    const server = await panel({'POST /api/login': answer})
    const outcome = await cli('openidcs host list', {env: server.env})
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(outcome.stderr).toContain('POST /api/login')
    expect(paths(server)).toEqual(flow.slice(0, 3))
  })
})
