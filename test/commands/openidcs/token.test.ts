import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import type {OpenidcsSeed} from '../../../src/lib/sandbox/openidcs/seed.js'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, openidcsSandbox, temporaryFolder} from '../../harness.js'
import {replayServer} from '../../replay-server.js'

const routes = {
  seed: {show: '/api/system/tquery', set: '/api/system/create', reset: '/api/system/resets'},
  newest: {show: '/api/token/current', set: '/api/token/set', reset: '/api/token/reset'},
} as const

/** A panel, and a saved context that logs in there. */
async function loggedIn(options: OpenidcsSeed = {}) {
  const sandbox = await openidcsSandbox(options)
  const folder = temporaryFolder()
  const env = {PANELCTL_CONFIG_DIR: folder}
  const run = (line: string, more: CliOptions = {}) => cli(line, {...more, env: {...env, ...more.env}})
  const login = await run(`openidcs login --url ${sandbox.url} --with-token`, {stdin: sandbox.token})
  expect(login.exitCode).toBe(0)
  sandbox.requests.length = 0
  return {sandbox, folder, run}
}

describe.each(['seed', 'newest'] as const)('on %s', profile => {
  const route = routes[profile]
  /** The newest has none of the seed's, which a read finds out. */
  const missed = profile === 'newest' ? ['GET /api/system/tquery'] : []

  test('show prints the token bare, and as JSON', async () => {
    const sandbox = await openidcsSandbox({profile})
    const {environment: env, token} = sandbox
    expect(await cli('openidcs system token show', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${token}\n`,
    })
    expect(paths(sandbox)).toEqual([...missed, `GET ${route.show}`])
    const {stdout} = await cli('openidcs system token show -o json', {env})
    expect(JSON.parse(stdout)).toEqual({token})
  })

  test('show prints no control characters of a token', async () => {
    const {environment: env, faults} = await openidcsSandbox({profile})
    const change = () => ({code: 200, data: {token: '\u001b[31mred\u0007'}, msg: ''})
    faults.next({kind: 'wrong-types', change}, {path: route.show})
    expect(await cli('openidcs system token show', {env})).toMatchObject({exitCode: 0, stdout: 'red\n'})
  })

  test('after reset the same context goes on working', async () => {
    const {sandbox, run} = await loggedIn({profile})
    const {stdout, stderr, exitCode} = await run('openidcs system token reset --yes')
    expect(stderr).toBe('the context openidcs (file) has the new token\nthe panel has a new token\n')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(`${sandbox.state.token}\n`)
    expect(sandbox.state.token).not.toBe(sandbox.token)
    expect(paths(sandbox)).toEqual([...missed, `GET ${route.show}`, `POST ${route.reset}`])
    expect(await run('openidcs system stats')).toMatchObject({exitCode: 0})
  })

  test('after set the same context goes on working', async () => {
    const {sandbox, run} = await loggedIn({profile})
    const outcome = await run('openidcs system token set --yes -o json', {stdin: 'new-token-1\n'})
    expect(outcome).toEqual({
      exitCode: 0,
      // Who gave it has it: it is not to land in the log of whatever runs this.
      stdout: '{\n  "token": "********",\n  "changed": true\n}\n',
      stderr:
        '{"note":"the context openidcs (file) has the new token"}\n{"note":"the panel has the new token"}\n',
    })
    expect(sandbox.requests.at(-1)).toMatchObject({path: route.set, body: '{"token":"new-token-1"}'})
    expect(sandbox.state.token).toBe('new-token-1')
    expect(await run('openidcs system stats')).toMatchObject({exitCode: 0})
  })

  test('--dry-run shows the write of this version and sends none', async () => {
    const sandbox = await openidcsSandbox({profile})
    const {stdout, exitCode} = await cli('openidcs system token set --dry-run', {
      env: sandbox.environment,
      stdin: 'new-token-1',
    })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      method: 'POST',
      url: `${sandbox.url}${route.set}`,
      body: {token: '********'},
    })
    expect(sandbox.requests.map(({method}) => method)).not.toContain('POST')
  })

  test('a set whose answer is lost is found out with the new token', async () => {
    const {sandbox, run} = await loggedIn({profile})
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'POST', path: route.set})
    const outcome = await run('openidcs system token set --yes', {stdin: 'new-token-1'})
    expect(outcome).toMatchObject({exitCode: 0, stdout: '', stderr: expect.stringContaining('new token\n')})
    expect(paths(sandbox)).toEqual([
      ...missed,
      `GET ${route.show}`,
      `POST ${route.set}`,
      'GET /api/system/statis',
    ])
    expect(await run('openidcs system stats')).toMatchObject({exitCode: 0})
  })

  test('a set that never arrived is 7, and the context keeps the old token', async () => {
    const {sandbox, run} = await loggedIn({profile})
    sandbox.faults.next({kind: 'reset'}, {method: 'POST', path: route.set, times: 9})
    const outcome = await run('openidcs system token set --yes', {stdin: 'new-token-1'})
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(outcome.stderr).toContain('the new token is not accepted so far')
    expect(sandbox.requests.filter(({method, path}) => method === 'POST' && path === route.set)).toHaveLength(
      1,
    )
    expect(await run('openidcs system stats')).toMatchObject({exitCode: 0})
  })

  test('a reset whose answer is lost is 7 and says that the token may be, too', async () => {
    const {sandbox, run} = await loggedIn({profile})
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {method: 'POST'})
    const outcome = await run('openidcs system token reset --yes -o json')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    const {message, hint} = failureOf(outcome)
    expect(message).toMatch(/it may have been done; only that answer held the new token$/)
    expect(hint).toMatch(
      /^look before you repeat it: panelctl openidcs system token show; if that is refused, /,
    )
    expect(sandbox.requests.filter(({method}) => method === 'POST')).toHaveLength(1)
  })
})

test.each(['reset', 'set'])('%s asks, and without a terminal sends nothing', async verb => {
  const sandbox = await openidcsSandbox()
  const outcome = await cli(`openidcs system token ${verb}`, {env: sandbox.environment, stdin: 'x'})
  expect(outcome).toEqual({
    exitCode: 2,
    stdout: '',
    stderr:
      'panelctl: Replace the access token of the panel? Whatever uses the old one is locked out. There is no terminal to ask on\nhint: add --yes to go on without asking\n',
  })
  expect(sandbox.requests).toEqual([])
})

test.each([
  ['', 'no token came on stdin'],
  [' \n', 'no token came on stdin'],
  ['two\nlines', 'stdin: the token holds line breaks'],
  ['****************', 'stdin: that is a mask and not a token'],
])('set with %j sends nothing', async (stdin, message) => {
  const sandbox = await openidcsSandbox()
  const outcome = await cli('openidcs system token set --yes', {env: sandbox.environment, stdin})
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
  expect(outcome.stderr).toContain(message)
  expect(sandbox.requests).toEqual([])
})

test('set reads a file, without what people copy along', async () => {
  const {sandbox, run, folder} = await loggedIn()
  const file = join(folder, 'token.txt')
  writeFileSync(file, 'Bearer from-a-file\n')
  expect(await run(`openidcs system token set --yes --token-file ${file}`)).toMatchObject({exitCode: 0})
  expect(sandbox.state.token).toBe('from-a-file')
  expect(await run('openidcs system token set --yes --token-file /no/such')).toMatchObject({
    exitCode: 2,
    stderr: 'panelctl: there is no file /no/such\n',
  })
})

test('a token of the environment stays what it is, which is said', async () => {
  const {environment: env} = await openidcsSandbox()
  const outcome = await cli('openidcs system token set --yes', {env, stdin: 'new-token-1'})
  expect(outcome).toEqual({
    exitCode: 0,
    stdout: '',
    stderr:
      'warning: OPENIDCS_TOKEN still has the old token: put the new one there\nthe panel has the new token\n',
  })
})

test('a token that a command prints stays what it is, which is said', async () => {
  const {sandbox, folder, run} = await loggedIn()
  writeFileSync(
    join(folder, 'config.yaml'),
    `contexts:\n  openidcs:\n    panel: openidcs\n    url: ${sandbox.url}\n    store: file\n    tokenCommand: echo ${sandbox.token}\ncurrent:\n  openidcs: openidcs\n`,
  )
  const {exitCode, stderr, stdout} = await run('openidcs system token reset --yes')
  expect(exitCode).toBe(0)
  expect(stdout).toBe(`${sandbox.state.token}\n`)
  expect(stderr).toContain(
    'warning: the command of the context openidcs (tokenCommand) still prints the old token: let it print the new one\n',
  )
})

test('a token that cannot be kept is printed all the same, and the error says so', async () => {
  const {sandbox, folder, run} = await loggedIn()
  const file = join(folder, 'credentials.yaml')
  const outcome = await run('openidcs system token reset --yes -o json --debug', {
    // After the old one was read, and before there is a new one.
    written: text => {
      if (text.includes('/api/system/tquery → HTTP 200')) writeFileSync(file, '- no longer a map\n')
    },
  })
  expect(outcome.exitCode).toBe(9)
  expect(JSON.parse(outcome.stdout)).toEqual({token: sandbox.state.token})
  const {message, hint} = failureOf(outcome)
  expect(message).toMatch(/^OpenIDCS has the new token, but the context openidcs could not keep it: /)
  expect(hint).toBe(
    'put it into token.txt, and then: panelctl openidcs login --context openidcs --replace --with-token < token.txt',
  )
})

test('a reset that is interrupted waits for the answer, which is never told again', async () => {
  const {sandbox, run} = await loggedIn()
  sandbox.faults.next({kind: 'slow-body', pieces: 4}, {method: 'POST'})
  const interruption = new AbortController()
  const running = run('openidcs system token reset --yes', {signal: interruption.signal})
  await expect.poll(() => paths(sandbox)).toContain('POST /api/system/resets')
  interruption.abort(new Interrupted(130))
  expect((await running).stdout).toBe(`${sandbox.state.token}\n`)
  expect(await run('openidcs system stats')).toMatchObject({exitCode: 0})
})

/** A panel that answers the write with this as data, and a context that is logged in there. */
async function answering(route: string, data: unknown) {
  const old = 'old-token-0001'
  const said = (value: unknown) => ({json: {code: 200, msg: 'success', data: value}})
  const server = await replayServer()
  Object.assign(server.routes, {
    'GET /api/system/statis': said({host_count: 0, vm_count: 0, running_vm_count: 0}),
    'GET /api/system/tquery': said({token: old}),
    [route]: said(data),
  })
  const folder = temporaryFolder()
  const run = (line: string, stdin = '') => cli(line, {env: {PANELCTL_CONFIG_DIR: folder}, stdin})
  const login = await run(`openidcs login --url ${server.url} --with-token`, old)
  expect(login.exitCode).toBe(0)
  const stored = () => readFileSync(join(folder, 'credentials.yaml'), 'utf8')
  expect(stored()).toContain(old)
  return {run, stored, old}
}

const noTokens: readonly unknown[] = [
  null,
  {},
  {token: null},
  {token: {a: 1}},
  {token: true},
  {token: ''},
  {token: '******'},
  {token: 'abc\r\nX-Evil: y'},
  {token: 'abc\n'},
  {token: 't\u00f6k\u00e9n'},
]

test.each(noTokens)('a reset that is answered with %j is 7, and the old token stays stored', async data => {
  const {run, stored, old} = await answering('POST /api/system/resets', data)
  const before = stored()
  const outcome = await run('openidcs system token reset --yes -o json')
  expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
  expect(failureOf(outcome).hint).toMatch(
    /^look before you repeat it: panelctl openidcs system token show; if that is refused, /,
  )
  expect(stored()).toBe(before)
  expect(before).toContain(old)
})

test.each([...noTokens, {token: 'other-token-1'}])(
  'a set that is answered with %j is 7, and the old token stays stored',
  async data => {
    const {run, stored} = await answering('POST /api/system/create', data)
    const before = stored()
    const outcome = await run('openidcs system token set --yes -o json', 'new-token-1')
    expect(outcome).toMatchObject({exitCode: 7, stdout: ''})
    expect(failureOf(outcome).hint).toMatch(
      /^look before you repeat it: panelctl openidcs system token show; if that is refused, /,
    )
    expect(stored()).toBe(before)
  },
)

test('a token that is a number is one', async () => {
  const {run, stored} = await answering('POST /api/system/resets', {token: 12_345_678})
  expect(await run('openidcs system token reset --yes')).toMatchObject({exitCode: 0, stdout: '12345678\n'})
  expect(stored()).toContain('12345678')
})

test('a set that is interrupted waits for the answer, so that the context has what the panel has', async () => {
  const {sandbox, run} = await loggedIn()
  sandbox.faults.next({kind: 'slow-body', pieces: 4}, {method: 'POST'})
  const interruption = new AbortController()
  const running = run('openidcs system token set --yes', {signal: interruption.signal, stdin: 'new-token-1'})
  await expect.poll(() => paths(sandbox)).toContain('POST /api/system/create')
  interruption.abort(new Interrupted(130))
  expect(await running).toMatchObject({exitCode: 0, stdout: ''})
  expect(await run('openidcs system stats')).toMatchObject({exitCode: 0})
})

test('a set that is interrupted before a token came ends at once', async () => {
  const {sandbox, run} = await loggedIn()
  const interruption = new AbortController()
  const stdin = new PassThrough()
  const running = run('openidcs system token set --yes', {signal: interruption.signal, stdin})
  interruption.abort(new Interrupted(130))
  expect(await running).toMatchObject({exitCode: 130, stdout: ''})
  expect(sandbox.requests).toEqual([])
})
