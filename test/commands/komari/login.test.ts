import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, temporaryFolder} from '../../harness.js'
import {komariServer, refused, success} from '../../komari-server.js'

const accepted = success({'set-cookie': {session_token: 'new-session'}})

/** A panel that takes one password, one API key and one session, and a config folder that stays. */
async function lab() {
  const server = await komariServer({
    'POST /api/login': ({body}) =>
      JSON.parse(body).password === 'right' ? accepted : refused(401, 'Invalid credentials'),
    'GET /api/admin/client/list': ({headers}) =>
      headers.authorization === 'Bearer right-api-key' || headers.cookie === 'session_token=right-session'
        ? {json: []}
        : refused(401, 'Unauthorized.'),
    'GET /api/logout': {status: 302, text: '', headers: {location: '/'}},
    'GET /api/nodes': success([]),
  })
  const folder = temporaryFolder()
  const run = (line: string, options: CliOptions = {}) =>
    cli(line, {...options, env: {PANELCTL_CONFIG_DIR: folder, ...options.env}})
  const file = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined
  return {server, folder, run, secrets: () => file('credentials.yaml'), config: () => file('config.yaml')}
}

describe('komari login', () => {
  test('trades a password from stdin for a session, and keeps that', async () => {
    const {server, folder, run, secrets, config} = await lab()
    expect(await run(`komari login --url ${server.url} --username admin`, {stdin: 'right\n'})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `the session is in ${folder}/credentials.yaml, which only you can read\nsaved the context komari for ${server.url}; it is the current one now\n`,
    })
    expect(paths(server)).toEqual(['POST /api/login'])
    expect(secrets()).toBe('komari:\n  kind: session\n  value: new-session\n')
    expect(config()).toContain('credential: session')
    await run('komari node list')
    expect(server.requests.at(-1)?.headers.cookie).toBe('session_token=new-session')
  })

  test('asks at a terminal, and does not echo the password', async () => {
    const {server, run, secrets} = await lab()
    const stdin = new PassThrough()
    const answers = [
      [/User name: $/, 'admin'],
      [/Password: $/, 'right'],
      [/Two-factor code .*: $/, '012345'],
    ] as const
    const outcome = await run(`komari login --url ${server.url} --store file`, {
      tty: {stdin: true, stderr: true},
      stdin,
      written: text => {
        // Without what the line editor does to the terminal.
        const asked = stripVTControlCharacters(text)
        for (const [prompt, answer] of answers) if (prompt.test(asked)) stdin.write(`${answer}\n`)
      },
    })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      username: 'admin',
      password: 'right',
      '2fa_code': '012345',
    })
    expect(outcome.stderr).toContain('User name: ')
    expect(outcome.stderr).toContain('Password: ')
    expect(outcome.stderr).not.toContain('right')
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(secrets()).toContain('new-session')
  })

  test.each([
    ['a wrong password', '--username admin', 'wrong', 4],
    ['no password', '--username admin', '', 2],
    ['a password that is not asked for', '--username admin --no-check', 'right', 2],
    ['a password and a key', '--username admin --with-token', 'right', 2],
    ['a code and a key', '--otp 123456 --with-token', 'right', 2],
    ['nothing to log in with', '', 'right', 2],
    ['only a code', '--otp 123456', 'right', 2],
    ['a wrong key', '--with-token', 'wrong-api-key', 4],
    ['a wrong session', '--with-session', 'wrong', 4],
  ])('saves nothing for %s', async (_name, flags, stdin, exitCode) => {
    const {server, run, config, secrets} = await lab()
    const outcome = await run(`komari login --url ${server.url} ${flags} -o json`, {stdin})
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(server.requests.length).toBe(exitCode === 4 ? 1 : 0)
    expect([config(), secrets()]).toEqual([undefined, undefined])
  })

  test('says where password login is off', async () => {
    const {server, run} = await lab()
    server.routes['POST /api/login'] = refused(403, 'Password login is disabled')
    const outcome = await run(`komari login --url ${server.url} --username a -o json`, {stdin: 'right'})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('Password login is disabled'),
    })
  })

  test('takes a key or a session as people paste them', async () => {
    const {server, run, secrets} = await lab()
    const login = `komari login --url ${server.url} --replace`
    for (const key of ['right-api-key', 'Bearer right-api-key', 'Authorization: Bearer right-api-key\n']) {
      expect(await run(`${login} --with-token`, {stdin: key})).toMatchObject({exitCode: 0})
      expect(secrets()).toBe('komari:\n  kind: token\n  value: right-api-key\n')
    }
    for (const session of [
      'right-session',
      'session_token=right-session; Path=/',
      'Cookie: session_token=right-session',
    ]) {
      expect(await run(`${login} --with-session`, {stdin: session})).toMatchObject({exitCode: 0})
      expect(secrets()).toBe('komari:\n  kind: session\n  value: right-session\n')
    }
  })

  test('sends nothing with --dry-run', async () => {
    const {server, run, config} = await lab()
    const outcome = await run(`komari login --url ${server.url} --username admin --dry-run`, {stdin: 'right'})
    expect(JSON.parse(outcome.stdout)).toMatchObject({method: 'POST', url: `${server.url}/api/login`})
    expect(outcome.stdout).not.toContain('right')
    expect([paths(server), config()]).toEqual([[], undefined])
  })

  test('has no way to give a password on the command line', async () => {
    const {run} = await lab()
    expect(await run('komari login --password x')).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('exits with 7 where it is not known whether there is a session now', async () => {
    const {server, run} = await lab()
    server.routes['POST /api/login'] = {status: 502, text: 'bad gateway'}
    const outcome = await run(`komari login --url ${server.url} --username a -o json --retries 3`, {
      stdin: 'right',
    })
    expect(failureOf(outcome)).toMatchObject({exitCode: 7})
    expect(server.requests).toHaveLength(1)
  })
})

describe('komari logout', () => {
  test('ends a session on the panel first', async () => {
    const {server, run, secrets, config} = await lab()
    await run(`komari login --url ${server.url} --username admin`, {stdin: 'right'})
    server.requests.length = 0
    expect(await run('komari logout --dry-run')).toMatchObject({exitCode: 0})
    expect(paths(server)).toEqual([])
    expect(await run('komari logout')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'forgot the credential of the context komari\n',
    })
    expect(paths(server)).toEqual(['GET /api/logout'])
    expect(server.requests[0]?.headers.cookie).toBe('session_token=new-session')
    expect(secrets()).not.toContain('new-session')
    expect(config()).toContain(server.url)
  })

  test('asks nobody where there is only a key to forget', async () => {
    const {server, run} = await lab()
    await run(`komari login --url ${server.url} --with-token`, {stdin: 'right-api-key'})
    server.requests.length = 0
    expect(await run('komari logout')).toMatchObject({exitCode: 0})
    expect(paths(server)).toEqual([])
  })

  test('forgets a session although the panel does not answer, and says so', async () => {
    const {server, run, secrets} = await lab()
    await run(`komari login --url ${server.url} --username admin`, {stdin: 'right'})
    server.routes['GET /api/logout'] = refused(401, 'Private site is enabled, please login first.')
    const outcome = await run('komari logout')
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(outcome.stderr).toContain('warning: the session may still be open on the panel')
    expect(secrets()).not.toContain('new-session')
  })
})
