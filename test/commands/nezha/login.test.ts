import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, nezhaSandbox, temporaryFolder} from '../../harness.js'
import {replayServer} from '../../replay-server.js'

/** A dashboard, and a config folder that stays from one command to the next. */
async function lab() {
  const sandbox = await nezhaSandbox({servers: [{name: 'web1'}]})
  const folder = temporaryFolder()
  const run = (line: string | readonly string[], options: CliOptions = {}) =>
    cli(line, {...options, env: {PANELCTL_CONFIG_DIR: folder, ...options.env}})
  const file = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined
  return {sandbox, folder, run, config: () => file('config.yaml'), secrets: () => file('credentials.yaml')}
}

/** A config file whose context `lab` has its own idea of certificates. */
function trusting(url: string): string {
  const lines = ['panel: nezha', `url: ${url}`, 'caFile: ca.pem', 'insecure: true', 'store: file']
  return `contexts:\n  lab:\n${lines.map(line => `    ${line}\n`).join('')}`
}

describe('nezha login', () => {
  test('saves a token from stdin, after the panel has accepted it', async () => {
    const {sandbox, folder, run, config, secrets} = await lab()
    const {url, token} = sandbox
    expect(await run(`nezha login --url ${url}/ --with-token`, {stdin: `${token}\n`})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `the token is in ${folder}/credentials.yaml, which only you can read\nsaved the context nezha for ${url}; it is the current one now\n`,
    })
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/list'])
    expect(config()).toBe(
      `contexts:\n  nezha:\n    panel: nezha\n    url: ${url}\n    generation: v0\n    credential: token\n    store: file\ncurrent:\n  nezha: nezha\n`,
    )
    expect(secrets()).toBe(`nezha:\n  kind: token\n  value: ${token}\n`)
    expect(statSync(join(folder, 'credentials.yaml')).mode & 0o777).toBe(0o600)
    expect(await run('nezha server list -o id')).toEqual({exitCode: 0, stderr: '', stdout: '1\n'})
  })

  test('saves a whole Cookie header under a name of its own', async () => {
    const {sandbox, run, secrets} = await lab()
    const outcome = await run(`nezha login --url ${sandbox.url} --context lab --with-cookie -o json`, {
      stdin: `Cookie: nezha-dashboard=${sandbox.cookie}; other=1\r\n`,
    })
    expect(JSON.parse(outcome.stdout)).toEqual({
      context: 'lab',
      panel: 'nezha',
      url: sandbox.url,
      store: 'file',
      changed: true,
    })
    expect(
      outcome.stderr
        .trimEnd()
        .split('\n')
        .map(line => Object.keys(JSON.parse(line))),
    ).toEqual([['note'], ['note']])
    expect(secrets()).toBe(`lab:\n  kind: cookie\n  value: nezha-dashboard=${sandbox.cookie}; other=1\n`)
    expect(await run('nezha server list -o id')).toMatchObject({exitCode: 0, stdout: '1\n'})
    expect(sandbox.requests.at(-1)?.headers.authorization).toBeUndefined()
  })

  test('never prints the secret', async () => {
    const {sandbox, run} = await lab()
    for (const format of ['table', 'json', 'yaml', 'ndjson']) {
      const {stdout, stderr} = await run(
        `nezha login --url ${sandbox.url} --with-token --replace --debug --show-secrets -o ${format}`,
        {stdin: sandbox.token},
      )
      expect(stdout + stderr).not.toContain(sandbox.token)
    }
  })

  test.each([
    ['a wrong token', 'wrong', 4, 'AUTH'],
    ['nothing', '', 2, 'USAGE'],
    ['blanks', ' \n', 2, 'USAGE'],
    ['two lines', 'a\nb', 2, 'USAGE'],
    ['what no header can carry', 'tökén', 2, 'USAGE'],
  ])('saves nothing when stdin holds %s', async (_name, stdin, exitCode, code) => {
    const {sandbox, run, config, secrets} = await lab()
    const outcome = await run(`nezha login --url ${sandbox.url} --with-token -o json`, {stdin})
    expect(outcome).toMatchObject({exitCode, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code})
    expect([config(), secrets()]).toEqual([undefined, undefined])
  })

  test('does not overwrite a context without --replace', async () => {
    const {sandbox, run, secrets} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token`
    await run(line, {stdin: sandbox.token})
    sandbox.requests.length = 0
    expect(await run(line, {stdin: sandbox.token})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: the context nezha exists (nezha, ${sandbox.url})\nhint: pass --replace, or another name with --context\n`,
    })
    expect(paths(sandbox)).toEqual([])
    sandbox.state.tokens.add('second')
    expect(await run(`${line} --replace`, {stdin: 'second'})).toMatchObject({exitCode: 0})
    expect(secrets()).toBe('nezha:\n  kind: token\n  value: second\n')
  })

  test('leaves the old context alone when the new token is refused', async () => {
    const {sandbox, run, config, secrets} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token`
    await run(line, {stdin: sandbox.token})
    const before = [config(), secrets()]
    expect(await run(`${line} --replace`, {stdin: 'wrong'})).toMatchObject({exitCode: 4})
    expect([config(), secrets()]).toEqual(before)
  })

  test('asks no panel with --no-check', async () => {
    const {run, secrets} = await lab()
    expect(
      await run('nezha login --url http://127.0.0.1:1 --with-token --no-check', {stdin: 'later'}),
    ).toMatchObject({exitCode: 0})
    expect(secrets()).toBe('nezha:\n  kind: token\n  value: later\n')
  })

  test('runs a command for the token each time, and stores none', async () => {
    const {sandbox, run, config, secrets} = await lab()
    const outcome = await run([
      'nezha',
      'login',
      '--url',
      sandbox.url,
      '--token-command',
      `printf ${sandbox.token}`,
    ])
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `the token comes from the command each time\nsaved the context nezha for ${sandbox.url}; it is the current one now\n`,
    })
    expect(config()).toContain(`tokenCommand: printf ${sandbox.token}`)
    expect(secrets() ?? '').not.toContain(sandbox.token)
    expect(await run('nezha server list -o id')).toMatchObject({exitCode: 0, stdout: '1\n'})
  })

  test('takes what a command prints for a cookie with --with-cookie', async () => {
    const {sandbox, run} = await lab()
    const command = `printf nezha-dashboard=${sandbox.cookie}`
    const line = ['nezha', 'login', '--url', sandbox.url, '--with-cookie', '--token-command', command]
    expect(await run(line)).toMatchObject({exitCode: 0})
    expect(await run('nezha server list -o id')).toMatchObject({exitCode: 0, stdout: '1\n'})
    expect(sandbox.requests.at(-1)?.headers.cookie).toBe(`nezha-dashboard=${sandbox.cookie}`)
  })

  test.each([
    ['exit 3', 'failed with exit 3'],
    ['true', 'printed nothing on its first line'],
  ])('exits with 4 when the command does not give a token: %s', async (command, message) => {
    const {sandbox, run, config} = await lab()
    const outcome = await run([
      'nezha',
      'login',
      '--url',
      sandbox.url,
      '-o',
      'json',
      '--token-command',
      command,
    ])
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(outcome).message).toContain(message)
    expect(config()).toBeUndefined()
  })

  test('saves nothing with --dry-run, and checks all the same', async () => {
    const {sandbox, run, config, secrets} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token --dry-run`
    expect(await run(line, {stdin: sandbox.token})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: `would save the context nezha for ${sandbox.url}\nnothing was saved\n`,
    })
    expect([config(), secrets()]).toEqual([undefined, undefined])
    expect(await run(line, {stdin: 'wrong'})).toMatchObject({exitCode: 4})
  })

  test('takes the address from the environment', async () => {
    const {sandbox, run, config} = await lab()
    const env = {NEZHA_DASHBOARD_URL: sandbox.url}
    expect(await run('nezha login --with-token', {env, stdin: sandbox.token})).toMatchObject({exitCode: 0})
    expect(config()).toContain(`url: ${sandbox.url}`)
  })

  test('does not leave a way to a token that was typed into argv', async () => {
    const {run} = await lab()
    expect(await run('nezha login --token abc --url http://127.0.0.1:1')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('unknown flag --token'),
    })
  })

  test('remembers that certificates are not checked, and does not warn of it again', async () => {
    const {sandbox, run, config} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token --insecure`
    expect(await run(line, {stdin: sandbox.token})).toMatchObject({exitCode: 0})
    expect(config()).toContain('insecure: true')
    expect(await run('nezha server list -o id')).toEqual({exitCode: 0, stderr: '', stdout: '1\n'})
  })

  test.each([
    ['--url nope', '--url: nope has no scheme', 'did you mean https://nope ?'],
    ['--url ftp://a', '--url: ftp://a must start with http:// or https://', undefined],
    [
      '--url http://me:pw@a',
      '--url: a URL must not carry a user name or password',
      'leave out everything up to the @ and give credentials with login or the environment',
    ],
    ['--url http://a?x=1', '--url: the URL of a panel has no query or fragment', 'did you mean http://a ?'],
    ['', 'where is Nezha?', 'panelctl nezha login --url https://…'],
    [
      '--url http://a --with-cookie',
      'there are two ways to log in at once',
      'give one of --with-token or --with-cookie',
    ],
  ])('refuses %j before any request', async (flags, message, hint) => {
    const {run, config} = await lab()
    const outcome = await run(`nezha login --with-token -o json ${flags}`, {stdin: 'x'})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome)).toEqual({code: 'USAGE', exitCode: 2, message, ...(hint ? {hint} : {})})
    expect(config()).toBeUndefined()
  })

  test('says how to give a credential where there is no terminal', async () => {
    const {sandbox, run} = await lab()
    const outcome = await run(`nezha login --url ${sandbox.url}`, {stdin: sandbox.token})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(outcome.stderr).toContain(
      'hint: --username NAME with the password on stdin; or --with-token or --with-cookie, with the credential on stdin',
    )
  })

  test('refuses a name that no context can have', async () => {
    const {sandbox, run} = await lab()
    expect(
      await run(['nezha', 'login', '--url', sandbox.url, '--with-token', '--context', '../x'], {
        stdin: sandbox.token,
      }),
    ).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('exits with 6 when nothing listens, and saves nothing', async () => {
    const {run, config} = await lab()
    const line = 'nezha login --url http://127.0.0.1:1 --with-token --retries 0'
    expect(await run(line, {stdin: 'x'})).toMatchObject({exitCode: 6, stdout: ''})
    expect(config()).toBeUndefined()
  })

  test('keeps the address, CA file and --insecure of a context that it replaces', async () => {
    const {sandbox, folder, run, config} = await lab()
    writeFileSync(join(folder, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n')
    writeFileSync(join(folder, 'config.yaml'), trusting(sandbox.url))
    const line = 'nezha login --context lab --replace --with-token'
    const env = {NEZHA_DASHBOARD_URL: 'http://127.0.0.1:1'}
    expect(await run(line, {stdin: sandbox.token, env})).toMatchObject({exitCode: 0})
    expect(config()).toContain(`url: ${sandbox.url}`)
    expect(config()).toContain('caFile: ca.pem')
    expect(config()).toContain('insecure: true')
    expect(await run('nezha server list -o id')).toEqual({exitCode: 0, stderr: '', stdout: '1\n'})
  })

  test('takes other ones of a context that it replaces from the flags', async () => {
    const {sandbox, folder, run, config} = await lab()
    writeFileSync(join(folder, 'config.yaml'), trusting(sandbox.url))
    writeFileSync(join(folder, 'other.pem'), '-----BEGIN CERTIFICATE-----\n')
    const line = 'nezha login --context lab --replace --with-token --no-check'
    const own = ['--ca-file', join(folder, 'other.pem')]
    await run([...line.split(' '), ...own], {stdin: sandbox.token})
    expect(config()).toContain(`url: ${sandbox.url}\n`)
    expect(config()).toContain(`caFile: ${folder}/other.pem`)
    // who names certificates to trust wants them checked
    expect(config()).not.toContain('insecure')
    // what was accepted for one panel is not for another
    await run(`${line} --url http://127.0.0.1:1`, {stdin: sandbox.token})
    expect(config()).toContain('url: http://127.0.0.1:1\n')
    expect(config()).not.toContain('caFile')
  })

  test('checks with the certificates of the environment, and saves them with nobody', async () => {
    const {sandbox, run, config} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token`
    const missing = await run(`${line} -o json`, {
      stdin: sandbox.token,
      env: {PANELCTL_CA_FILE: '/no/ca.pem'},
    })
    expect(failureOf(missing)).toMatchObject({exitCode: 2, message: 'there is no file /no/ca.pem'})
    expect(await run(line, {stdin: sandbox.token, env: {PANELCTL_INSECURE: '1'}})).toMatchObject({
      exitCode: 0,
    })
    expect(config()).not.toContain('insecure')
  })

  test.each([
    ['--url http://panel.example.com', 'the Nezha credentials go to panel.example.com unencrypted'],
    ['--url https://panel.example.com --insecure', 'the certificate of panel.example.com is not checked'],
  ])('warns with --no-check of what later commands keep quiet about: %s', async (flags, warning) => {
    const {run} = await lab()
    const outcome = await run(`nezha login ${flags} --with-token --no-check`, {stdin: 'later'})
    expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining(`warning: ${warning}`)})
  })

  test.each([
    ['--with-cookie', 'only-its-value', 'a cookie is NAME=VALUE'],
    ['--with-cookie', 'cGFkZGVk==', 'a cookie is NAME=VALUE'],
    ['--with-token', 'Bearer abc', 'the bare token, without Bearer'],
    ['--with-token', 'Token abc', 'the bare token, without Token'],
    ['--with-token', '“abc”', 'no header can carry'],
  ])('refuses before any request what cannot be right: %s %j', async (flags, stdin, words) => {
    const {sandbox, run, config} = await lab()
    const outcome = await run(`nezha login --url ${sandbox.url} ${flags}`, {stdin})
    expect(outcome).toMatchObject({exitCode: 2, stdout: '', stderr: expect.stringContaining(words)})
    expect(paths(sandbox)).toEqual([])
    expect(config()).toBeUndefined()
  })

  test('takes off the mark that editors of Windows put before a text', async () => {
    const {sandbox, run, secrets} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token`
    expect(await run(line, {stdin: `\ufeff${sandbox.token}\r\n`})).toMatchObject({exitCode: 0})
    expect(secrets()).toBe(`nezha:\n  kind: token\n  value: ${sandbox.token}\n`)
  })

  test('does not ignore stdin: --with-token and --token-command contradict each other', async () => {
    const {sandbox, run} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token --token-command true -o json`
    const outcome = await run(line, {stdin: sandbox.token})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      message: '--with-token reads stdin, and --token-command is given too',
    })
  })

  test('asks for --replace where the secret of a hand-written context is in the file', async () => {
    const {url} = await nezhaSandbox()
    const folder = temporaryFolder()
    const secrets = 'hand:\n  kind: token\n  value: precious\n'
    writeFileSync(
      join(folder, 'config.yaml'),
      `contexts:\n  hand:\n    panel: nezha\n    url: ${url}\n    store: file\n`,
      {mode: 0o600},
    )
    writeFileSync(join(folder, 'credentials.yaml'), secrets, {mode: 0o600})
    const line = `nezha login --context hand --url ${url} --with-token --no-check`
    const outcome = await cli(line, {env: {PANELCTL_CONFIG_DIR: folder}, stdin: 'another'})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(readFileSync(join(folder, 'credentials.yaml'), 'utf8')).toBe(secrets)
  })

  test.each([{error: 'upstream timed out'}, {error: 'invalid_token'}, {success: false, message: 'no'}])(
    'takes no gateway for a dashboard of v1 or v2: %j',
    async json => {
      const server = await replayServer()
      server.otherwise = {json}
      const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'x'}
      const outcome = await cli('nezha server list', {env})
      expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
      expect(outcome.stderr).not.toContain('is Nezha v1 or v2')
    },
  )
})

describe('nezha logout', () => {
  test('forgets the secret and keeps the context', async () => {
    const {sandbox, run, config, secrets} = await lab()
    await run(`nezha login --url ${sandbox.url} --with-token`, {stdin: sandbox.token})
    expect(await run('nezha logout --dry-run')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'would forget the credential of the context nezha\n',
    })
    expect(secrets()).toContain(sandbox.token)
    expect(await run('nezha logout')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'forgot the credential of the context nezha\n',
    })
    expect(secrets()).not.toContain(sandbox.token)
    expect(config()).toContain(`url: ${sandbox.url}`)
    expect(await run('nezha server list')).toMatchObject({exitCode: 4, stdout: ''})
    expect(await run('nezha logout --dry-run')).toMatchObject({
      exitCode: 0,
      stderr: 'the context nezha has no credential to forget\n',
    })
    expect(await run('nezha logout -o json')).toEqual({
      exitCode: 0,
      stdout: '{\n  "context": "nezha",\n  "changed": false\n}\n',
      stderr: '{"note":"the context nezha has no credential to forget"}\n',
    })
  })

  test('leaves a context that a login to the same address fills again, and to no other', async () => {
    const {sandbox, run, config, secrets} = await lab()
    const line = `nezha login --url ${sandbox.url} --with-token`
    await run(line, {stdin: sandbox.token})
    const before = parse(config() ?? '')
    await run('nezha logout')
    expect(await run('nezha login --url http://127.0.0.1:1 --with-token', {stdin: 'x'})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`the context nezha exists (nezha, ${sandbox.url})`),
    })
    expect(await run(line, {stdin: sandbox.token})).toMatchObject({exitCode: 0})
    expect(parse(config() ?? '')).toEqual(before)
    expect(secrets()).toContain(sandbox.token)
    await run('nezha logout')
    // Where it was is where it goes, if nothing is said.
    expect(await run('nezha login --with-token', {stdin: sandbox.token})).toMatchObject({exitCode: 0})
    expect(parse(config() ?? '')).toEqual(before)
    expect(await run(line, {stdin: sandbox.token})).toMatchObject({exitCode: 2})
  })

  test('names a context with --context', async () => {
    const {sandbox, run, secrets} = await lab()
    for (const name of ['one', 'two']) {
      await run(`nezha login --url ${sandbox.url} --with-token --context ${name}`, {stdin: sandbox.token})
    }
    expect(await run('nezha logout --context one')).toMatchObject({exitCode: 0})
    expect(secrets()).toBe(`two:\n  kind: token\n  value: ${sandbox.token}\n`)
  })

  test.each([
    ['nezha logout', 'no nezha panel to talk to'],
    ['nezha logout --context nope', 'no context "nope"'],
    ['nezha logout --url http://127.0.0.1:1', 'no context is in use here'],
  ])('exits with 2 where there is nothing to forget: %s', async (line, message) => {
    const {run} = await lab()
    const outcome = await run(`${line} -o json`)
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome).message).toContain(message)
  })

  test('does not pretend to forget what a command prints', async () => {
    const {sandbox, run} = await lab()
    await run(['nezha', 'login', '--url', sandbox.url, '--token-command', `printf ${sandbox.token}`])
    for (const line of ['nezha logout -o json', 'nezha logout --dry-run -o json']) {
      const outcome = await run(line)
      expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({
        message: 'the secret of context nezha is not stored here: its tokenCommand prints it',
        hint: 'to forget the context with its command: panelctl context delete nezha',
      })
    }
  })
})

describe('a credential that no request can carry', () => {
  const file = (text: string | Buffer) => {
    const path = join(temporaryFolder(), 'secret')
    writeFileSync(path, text)
    return path
  }

  test.each([
    [
      'NEZHA_TOKEN',
      () => ({NEZHA_TOKEN: '“abc”'}),
      'NEZHA_TOKEN: the token holds line breaks or other characters',
    ],
    ['NEZHA_TOKEN_FILE', () => ({NEZHA_TOKEN_FILE: file('tökén\n')}), 'NEZHA_TOKEN_FILE: the token holds'],
    [
      'a token with its scheme',
      () => ({NEZHA_TOKEN: 'Bearer abc'}),
      'NEZHA_TOKEN: it is the bare token, without Bearer',
    ],
    ['a bare cookie', () => ({NEZHA_COOKIE: 'abc'}), 'NEZHA_COOKIE: a cookie is NAME=VALUE'],
  ])('is exit 2 naming where it is from: %s', async (_, env, message) => {
    const {sandbox, run} = await lab()
    const outcome = await run('nezha server list -o json', {
      env: {NEZHA_DASHBOARD_URL: sandbox.url, ...env()},
    })
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome).message).toContain(message)
    expect(paths(sandbox)).toEqual([])
  })

  test('is none of those for being in UTF-16, as PowerShell writes files', async () => {
    const {sandbox, run} = await lab()
    const NEZHA_TOKEN_FILE = file(Buffer.from(`\ufeff${sandbox.token}\r\n`, 'utf16le'))
    const env = {NEZHA_DASHBOARD_URL: sandbox.url, NEZHA_TOKEN_FILE}
    expect(await run('nezha server list -o json', {env})).toMatchObject({exitCode: 0, stderr: ''})
    expect(sandbox.requests.at(-1)?.headers.authorization).toBe(sandbox.token)
  })

  test('is named by its context where it is stored, or where a command prints it', async () => {
    const {sandbox, folder, run} = await lab()
    await run(`nezha login --url ${sandbox.url} --with-token`, {stdin: sandbox.token})
    writeFileSync(join(folder, 'credentials.yaml'), 'nezha: {kind: token, value: "a\\nb"}\n', {mode: 0o600})
    const stored = await run('nezha server list -o json')
    expect(failureOf(stored)).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('context nezha (file): the token holds'),
      hint: expect.stringContaining(
        'panelctl nezha login --context nezha --replace --with-token < token.txt',
      ),
    })
    const command = ['--token-command', "printf '“abc”'"]
    const printed = await run([
      'nezha',
      'login',
      '--url',
      sandbox.url,
      '--context',
      'p',
      '-o',
      'json',
      ...command,
    ])
    expect(failureOf(printed)).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('--token-command: the token holds'),
    })
  })

  test('is not asked for with --no-check: the command may not work yet where an image is built', async () => {
    const folder = temporaryFolder()
    const outcome = await cli(
      ['nezha', 'login', '--url', 'http://127.0.0.1:1', '--no-check', '--token-command', 'exit 3'],
      {env: {PANELCTL_CONFIG_DIR: folder}},
    )
    expect(outcome).toMatchObject({exitCode: 0})
  })

  test('does not include a byte order mark and blanks around it', async () => {
    const {sandbox, run} = await lab()
    const env = {NEZHA_DASHBOARD_URL: sandbox.url, NEZHA_TOKEN_FILE: file(`\ufeff ${sandbox.token} \r\n`)}
    expect(await run('nezha server list -o id', {env})).toEqual({exitCode: 0, stderr: '', stdout: '1\n'})
    const cookie = {
      NEZHA_DASHBOARD_URL: sandbox.url,
      NEZHA_COOKIE: `Cookie: nezha-dashboard=${sandbox.cookie}`,
    }
    expect(await run('nezha server list -o id', {env: cookie})).toMatchObject({exitCode: 0, stdout: '1\n'})
  })
})
