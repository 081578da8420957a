import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {stripVTControlCharacters} from 'node:util'
import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {totp} from '../../../src/lib/sandbox/komari/totp.js'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, komariSandbox, now, temporaryFolder} from '../../harness.js'

/** A panel that takes one password, one API key and one session, and a config folder that stays. */
async function lab() {
  const sandbox = await komariSandbox({
    password: 'right',
    apiKey: 'right-api-key',
    session: 'right-session',
    world: 'empty',
  })
  const folder = temporaryFolder()
  const run = (line: string, options: CliOptions = {}) =>
    cli(line, {...options, env: {PANELCTL_CONFIG_DIR: folder, ...options.env}})
  const file = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined
  const secrets = () => file('credentials.yaml')
  /** The session that is stored. */
  const session = () => /value: (\S+)/.exec(secrets() ?? '')?.[1] ?? ''
  const login = `komari login --url ${sandbox.url}`
  return {sandbox, folder, run, login, session, secrets, config: () => file('config.yaml')}
}

const logins = (sandbox: Parameters<typeof paths>[0]) =>
  paths(sandbox).filter(path => /log(in|out)$/.test(path))

describe('komari login', () => {
  test('trades a password from stdin for a session, and keeps that', async () => {
    const {sandbox, folder, run, login, secrets, session, config} = await lab()
    expect(await run(`${login} --username admin`, {stdin: 'right\n'})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `the session is in ${folder}/credentials.yaml, which only you can read\nsaved the context komari for ${sandbox.url}; it is the current one now\n`,
    })
    expect(logins(sandbox)).toEqual(['POST /api/login'])
    expect(secrets()).toBe(`komari:\n  kind: session\n  value: ${session()}\n`)
    expect([...sandbox.state.sessions.keys()]).toEqual(['right-session', session()])
    expect(config()).toContain('credential: session')
    await run('komari node list')
    expect(sandbox.requests.at(-1)?.headers.cookie).toBe(`session_token=${session()}`)
  })

  test('asks at a terminal, and does not echo the password', async () => {
    const {sandbox, run, login, secrets} = await lab()
    const stdin = new PassThrough()
    const answers = [
      [/User name \(empty for the API key\): $/, 'admin'],
      [/Password: $/, 'right'],
      [/Two-factor code .*: $/, '012345'],
    ] as const
    const outcome = await run(`${login} --store file`, {
      tty: {stdin: true, stderr: true},
      stdin,
      written: text => {
        // Without what the line editor does to the terminal.
        const asked = stripVTControlCharacters(text)
        for (const [prompt, answer] of answers) if (prompt.test(asked)) stdin.write(`${answer}\n`)
      },
    })
    expect(JSON.parse(sandbox.requests[0]?.body ?? '')).toEqual({
      username: 'admin',
      password: 'right',
      '2fa_code': '012345',
    })
    expect(outcome.stderr).toContain('User name (empty for the API key): ')
    expect(outcome.stderr).toContain('Password: ')
    expect(outcome.stderr).not.toContain('right')
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(secrets()).toContain('kind: session')
  })

  test('takes an API key of who has no user name, at a terminal', async () => {
    const {sandbox, run, login, secrets} = await lab()
    const stdin = new PassThrough()
    const outcome = await run(`${login} --store file`, {
      tty: {stdin: true, stderr: true},
      stdin,
      written: text => {
        const asked = stripVTControlCharacters(text)
        if (/User name .*: $/.test(asked)) stdin.write('\n')
        if (/API key: $/.test(asked)) stdin.write('right-api-key\n')
      },
    })
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(secrets()).toBe('komari:\n  kind: token\n  value: right-api-key\n')
    expect(paths(sandbox)).not.toContain('POST /api/login')
  })

  // As a script of expect does: what comes at once would be echoed by a terminal that still is.
  test.each([
    ['--username admin', 'Password: '],
    ['--with-token', 'API key: '],
  ])('asks when nothing is echoed any more, and not before: %s', async (flags, prompt) => {
    const {run, login} = await lab()
    const interruption = new AbortController()
    const modes: boolean[] = []
    const stdin = Object.assign(new PassThrough(), {setRawMode: (mode: boolean) => modes.push(mode)})
    let atPrompt: boolean | undefined
    await run(`${login} ${flags}`, {
      tty: {stdin: true, stderr: true},
      stdin,
      signal: interruption.signal,
      written: text => {
        if (!stripVTControlCharacters(text).endsWith(prompt)) return
        atPrompt ??= modes.at(-1)
        interruption.abort(new Interrupted(130))
      },
    })
    expect(atPrompt).toBe(true)
  })

  test.each([
    ['a wrong password', '--username admin', 'wrong', 4],
    ['no password', '--username admin', '', 2],
    ['a password that is not asked for', '--username admin --no-check', 'right', 2],
    ['a password and a key', '--username admin --with-token', 'right', 2],
    ['a code and a key', '--otp 123456 --with-token', 'right', 2],
    ['a password and a command', '--username admin --token-command true', 'right', 2],
    ['a code and a command', '--otp 123456 --token-command true', 'right', 2],
    ['nothing to log in with', '', 'right', 2],
    ['only a code', '--otp 123456', 'right', 2],
    ['a wrong key', '--with-token', 'wrong-api-key', 4],
    ['a wrong session', '--with-session', 'wrong', 4],
  ])('saves nothing for %s', async (_name, flags, stdin, exitCode) => {
    const {sandbox, run, login, config, secrets} = await lab()
    const outcome = await run(`${login} ${flags} -o json`, {stdin})
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(sandbox.requests.length).toBe(exitCode === 4 ? 1 : 0)
    expect([config(), secrets()]).toEqual([undefined, undefined])
  })

  test('keeps the user name that was given in what to type where no password came', async () => {
    const {run, login} = await lab()
    const {hint} = failureOf(await run(`${login} --username alice -o json`, {stdin: ''}))
    expect(hint).toMatch(/^printf %s "\$PASSWORD" \| panelctl komari login --username alice\b/)
  })

  test('says where password login is off', async () => {
    const {sandbox, run, login} = await lab()
    sandbox.state.settings.disable_password_login = true
    const outcome = await run(`${login} --username a -o json`, {stdin: 'right'})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('Password login is disabled'),
    })
  })

  test('takes a key or a session as people paste them', async () => {
    const {run, secrets, ...panel} = await lab()
    const login = `${panel.login} --replace`
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
    const {sandbox, run, login, config} = await lab()
    const outcome = await run(`${login} --username admin --dry-run`, {stdin: 'right'})
    expect(JSON.parse(outcome.stdout)).toMatchObject({method: 'POST', url: `${sandbox.url}/api/login`})
    expect(outcome.stdout).not.toContain('right')
    expect([paths(sandbox), config()]).toEqual([[], undefined])
  })

  test('has no way to give a password on the command line', async () => {
    const {run} = await lab()
    expect(await run('komari login --password x')).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('exits with 7 where it is not known whether there is a session now', async () => {
    const {sandbox, run, login} = await lab()
    sandbox.faults.next({kind: 'reset-before-answer-headers'})
    const outcome = await run(`${login} --username admin -o json --retries 3`, {stdin: 'right'})
    expect(failureOf(outcome)).toMatchObject({exitCode: 7})
    expect(logins(sandbox)).toEqual(['POST /api/login'])
    expect(sandbox.state.sessions.size).toBe(2)
  })

  test('takes the code of two-factor authentication, with its zeros', async () => {
    const {sandbox, run, login} = await lab()
    const {state} = sandbox
    state.user = {...state.user, totpSecret: 'JBSWY3DPEHPK3PXP'}
    for (const [flags, words] of [
      ['', 'needs --otp CODE'],
      ['--otp 000000', 'the code of now'],
    ] as const) {
      const refused = await run(`${login} --username admin ${flags} -o json`, {stdin: 'right'})
      expect(failureOf(refused)).toMatchObject({exitCode: 4, hint: expect.stringContaining(words)})
    }
    const code = totp('JBSWY3DPEHPK3PXP', now.getTime())
    // As an authenticator shows it.
    const shown = `${code.slice(0, 3)} ${code.slice(3)}`
    expect(await run(`${login} --username admin --otp '${shown}'`, {stdin: 'right'})).toMatchObject({
      exitCode: 0,
    })
    expect(logins(sandbox)).toEqual(['POST /api/login', 'POST /api/login', 'POST /api/login'])
  })
})

describe('what can be read on the way', () => {
  const url = 'http://panel.example.com'
  const risk = 'warning: the Komari credentials go to panel.example.com unencrypted: use https:// if it can\n'

  test.each(['--username admin', '--with-token', '--with-session'])(
    'is said before a secret is read: %s',
    async flags => {
      const {run} = await lab()
      const outcome = await run(`komari login --url ${url} ${flags}`, {stdin: ''})
      expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
      expect(outcome.stderr.startsWith(`${risk}panelctl: no `), outcome.stderr).toBe(true)
    },
  )

  test.each([
    ['', 'User name (empty for the API key): '],
    ['--username admin', 'Password: '],
    ['--with-token', 'API key: '],
  ])('is said before a person is asked: %s', async (flags, prompt) => {
    const {run} = await lab()
    const interruption = new AbortController()
    const outcome = await run(`komari login --url ${url} ${flags}`, {
      tty: {stdin: true, stderr: true},
      stdin: new PassThrough(),
      signal: interruption.signal,
      written: text => {
        if (stripVTControlCharacters(text).endsWith(prompt)) interruption.abort(new Interrupted(130))
      },
    })
    expect(outcome.exitCode).toBe(130)
    const said = stripVTControlCharacters(outcome.stderr)
    expect(said.startsWith(risk), said).toBe(true)
    expect(said).toContain(prompt)
  })

  test('is said once, and of certificates that nobody checks too', async () => {
    const {run} = await lab()
    const line = 'komari login --url https://127.0.0.1:1 --insecure --with-token --retries 0'
    const outcome = await run(line, {stdin: 'right-api-key'})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(outcome.stderr.split('warning: ').length).toBe(2)
    expect(outcome.stderr).toContain('the certificate of 127.0.0.1:1 is not checked (--insecure)')
  })
})

describe('komari login --replace', () => {
  test('ends the session before on the panel, once the new one is stored', async () => {
    const {sandbox, run, login, session} = await lab()
    await run(`${login} --username admin`, {stdin: 'right'})
    const before = session()
    sandbox.requests.length = 0
    expect(await run(`${login} --username admin --replace`, {stdin: 'right'})).toMatchObject({
      exitCode: 0,
      stderr: expect.not.stringContaining('warning'),
    })
    expect(logins(sandbox)).toEqual(['POST /api/login', 'GET /api/logout'])
    const ended = sandbox.requests.find(({path}) => path === '/api/logout')
    expect(ended?.headers.cookie).toBe(`session_token=${before}`)
    expect(session()).not.toBe(before)
    expect([...sandbox.state.sessions.keys()]).toEqual(['right-session', session()])
    await run(`${login} --with-token --replace`, {stdin: 'right-api-key'})
    expect([...sandbox.state.sessions.keys()]).toEqual(['right-session'])
  })

  test('keeps the new session although the one before cannot be ended, and says so', async () => {
    const {sandbox, run, login, session} = await lab()
    await run(`${login} --username admin`, {stdin: 'right'})
    const before = session()
    sandbox.faults.next({kind: 'html-404'}, {path: '/api/logout'})
    const outcome = await run(`${login} --username admin --replace`, {stdin: 'right'})
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(outcome.stderr).toContain('warning: the session before may still be open on the panel: ')
    expect(session()).not.toBe(before)
    expect(await run('komari me -o json')).toMatchObject({stdout: expect.stringContaining('"admin"')})
  })

  test.each([
    ['a key', '--with-token', 'right-api-key'],
    ['the same session', '--with-session', 'right-session'],
  ])('ends nothing where there was %s', async (_name, flags, stdin) => {
    const {sandbox, run, login} = await lab()
    for (const _ of [1, 2])
      expect(await run(`${login} ${flags} --replace`, {stdin})).toMatchObject({exitCode: 0})
    expect(paths(sandbox)).not.toContain('GET /api/logout')
  })

  test('ends nothing on another panel, and asks none with --no-check', async () => {
    const {sandbox, run, login} = await lab()
    const other = await komariSandbox({world: 'empty'})
    await run(`${login} --with-session`, {stdin: 'right-session'})
    await run(`${login} --with-session --no-check --replace`, {stdin: 'another-session'})
    await run(`komari login --url ${other.url} --with-token --replace`, {stdin: other.apiKey})
    expect([paths(sandbox), paths(other)]).toEqual([
      // They have no nodes, and other programs answer everything with an empty list.
      ['GET /api/admin/client/list', 'GET /api/me'],
      // Which takes every API key for a guest.
      ['GET /api/admin/client/list', 'GET /api/me', 'POST /api/rpc2'],
    ])
  })
})

describe('komari logout', () => {
  test('ends a session on the panel first', async () => {
    const {sandbox, run, login, secrets, session, config} = await lab()
    await run(`${login} --username admin`, {stdin: 'right'})
    const made = session()
    sandbox.requests.length = 0
    const planned = await run('komari logout --dry-run -o json')
    expect(planned).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('would forget the credential of the context komari'),
    })
    expect(JSON.parse(planned.stdout)).toMatchObject({method: 'GET', url: `${sandbox.url}/api/logout`})
    expect(planned.stdout).not.toContain(made)
    expect(secrets()).toContain(made)
    expect(paths(sandbox)).toEqual([])
    expect(await run('komari logout')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'forgot the credential of the context komari\n',
    })
    expect(paths(sandbox)).toEqual(['GET /api/logout'])
    expect(sandbox.requests[0]?.headers.cookie).toBe(`session_token=${made}`)
    expect([...sandbox.state.sessions.keys()]).toEqual(['right-session'])
    expect(secrets()).not.toContain(made)
    expect(config()).toContain(sandbox.url)
  })

  test('asks nobody where there is only a key to forget', async () => {
    const {sandbox, run, login} = await lab()
    await run(`${login} --with-token`, {stdin: 'right-api-key'})
    sandbox.requests.length = 0
    expect((await run('komari logout --dry-run')).stdout).not.toContain('/api/logout')
    expect(await run('komari logout')).toMatchObject({exitCode: 0})
    expect(paths(sandbox)).toEqual([])
  })

  test('asks nobody where there is nothing to forget, whatever the environment holds', async () => {
    const {sandbox, run, login} = await lab()
    await run(`${login} --with-session`, {stdin: 'right-session'})
    await run('komari logout')
    sandbox.requests.length = 0
    for (const env of [{}, {KOMARI_SESSION_TOKEN: 'right-session'}]) {
      expect(await run('komari logout', {env})).toEqual({
        exitCode: 0,
        stdout: '',
        stderr: expect.stringContaining('the context komari has no credential to forget\n'),
      })
    }
    await run(`${login} --token-command 'echo right-api-key' --replace`)
    sandbox.requests.length = 0
    expect(await run('komari logout')).toMatchObject({exitCode: 2, stdout: ''})
    expect(paths(sandbox)).toEqual([])
  })

  test('forgets a session although the panel does not end it, and says so', async () => {
    const {sandbox, run, login, secrets, session} = await lab()
    await run(`${login} --username admin`, {stdin: 'right'})
    const made = session()
    sandbox.state.sessions.clear()
    sandbox.state.settings.private_site = true
    const outcome = await run('komari logout')
    expect(outcome).toMatchObject({exitCode: 0, stdout: ''})
    expect(outcome.stderr).toContain('warning: the session may still be open on the panel')
    expect(secrets()).not.toContain(made)
  })

  test('takes no redirect of a gateway for the end of a session', async () => {
    const {sandbox, run, login} = await lab()
    await run(`${login} --username admin`, {stdin: 'right'})
    sandbox.faults.next({kind: 'redirect', to: 'https://sso.example.com/login'})
    const {stderr} = await run('komari logout')
    expect(stderr).toContain('warning: the session may still be open on the panel: what stands before Komari')
  })
})
