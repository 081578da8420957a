import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../failure.js'
import {cli, komariSandbox, nezhaSandbox, openidcsSandbox, temporaryFolder} from '../harness.js'

const secret = 'the-client-secret-0001'

/** A file that holds the value of a header, as an editor on Windows saves it. */
function secretFile(): string {
  const file = join(temporaryFolder(), 'cf.txt')
  writeFileSync(file, `\ufeff${secret}\r\n`)
  return file
}

async function panels() {
  const [nezha, komari, openidcs] = await Promise.all([
    nezhaSandbox(),
    komariSandbox(),
    openidcsSandbox({profile: 'newest'}),
  ])
  return {
    nezha: {panel: nezha, env: nezha.environment},
    komari: {panel: komari, env: komari.environment},
    openidcs: {panel: openidcs, env: openidcs.environment},
  }
}

describe('headers for what stands before a panel', () => {
  test.each([
    ['nezha', 'nezha server list'],
    ['nezha', 'nezha server register --name web9'],
    ['nezha', 'nezha api GET /api/v1/server/list'],
    ['komari', 'komari node list'],
    ['komari', 'komari node status'],
    ['komari', 'komari rpc common:getMe'],
    ['openidcs', 'openidcs host list'],
    ['openidcs', 'openidcs proxy list node1 web01'],
    ['openidcs', 'openidcs vm power node1 web01 start'],
  ] as const)('go along with each request of %s: %s', async (name, line) => {
    const {panel, env} = (await panels())[name]
    const flags = [
      '--header',
      'CF-Access-Client-Id: me.access',
      '--header',
      `CF-Access-Client-Secret: @${secretFile()}`,
    ]
    await cli([...line.split(' '), ...flags], {env})
    expect(panel.requests.length).toBeGreaterThan(0)
    for (const {headers} of panel.requests) {
      expect(headers).toMatchObject({'cf-access-client-id': 'me.access', 'cf-access-client-secret': secret})
    }
  })

  test('may stand before the command, and come out of the environment, which a flag overrules', async () => {
    const {panel, env} = (await panels()).nezha
    const set = {...env, NEZHA_HEADERS: `X-Gate: first\nX-Secret: @${secretFile()}\n`}
    const outcome = await cli(
      ['--header', 'x-gate: second', '--header', 'X-More: 3', 'nezha', 'server', 'list'],
      {env: set},
    )
    expect(outcome.exitCode).toBe(0)
    expect(panel.requests[0]?.headers).toMatchObject({'x-gate': 'second', 'x-more': '3', 'x-secret': secret})

    const file = join(temporaryFolder(), 'headers.txt')
    writeFileSync(file, 'X-Gate: from a file\r\n\r\nX-Other: b')
    await cli('nezha server list', {env: {...env, NEZHA_HEADERS_FILE: file}})
    expect(panel.requests[1]?.headers).toMatchObject({'x-gate': 'from a file', 'x-other': 'b'})
    expect(await cli('nezha server list', {env: {...set, NEZHA_HEADERS_FILE: file}})).toMatchObject({
      exitCode: 2,
    })
  })

  test('are not sent for another panel', async () => {
    const {nezha, komari} = await panels()
    await cli('komari node list', {env: {...komari.env, NEZHA_HEADERS: 'X-Gate: of-nezha'}})
    expect(komari.panel.requests[0]?.headers['x-gate']).toBeUndefined()
    const other = await nezhaSandbox()
    nezha.panel.faults.next({kind: 'redirect', to: `${other.url}/api/v1/server/list`, status: 302})
    await cli(['nezha', 'server', 'list', '--header', 'X-Gate: secret-one'], {env: nezha.env})
    expect(nezha.panel.requests).toHaveLength(1)
    expect(other.requests).toEqual([])
  })

  test('are in no line of a log, no planned request, no message and no hint', async () => {
    const {panel, env} = (await panels()).nezha
    const header = ['--header', 'X-Gate: gate-value-0001', '--header', `X-Other: @${secretFile()}`]
    const debugged = await cli(['nezha', 'server', 'list', '--debug', ...header], {env})
    expect(debugged.stderr).toContain('"x-gate":"********"')
    const planned = await cli(
      ['nezha', 'server', 'register', '--name', 'a', '--dry-run', '-o', 'json', ...header],
      {env},
    )
    expect(JSON.parse(planned.stdout).headers).toMatchObject({'x-gate': '********', 'x-other': '********'})
    panel.faults.next({kind: 'status', status: 502, body: `no ${secret} and gate-value-0001`}, {times: 9})
    const echoed = await cli(['nezha', 'server', 'list', '--retries', '0', ...header], {env})
    expect(echoed.stderr).toContain('no ******** and ********')
    const missing = await cli(['nezha', 'server', 'show', '99', ...header], {env})
    for (const {stdout, stderr} of [debugged, planned, echoed, missing]) {
      for (const value of [secret, 'gate-value-0001']) expect(stdout + stderr).not.toContain(value)
    }
  })

  test('lead to the panel in a hint too, by their files', async () => {
    const {env} = (await panels()).nezha
    const file = secretFile()
    const own = [
      'nezha',
      'server',
      'show',
      '99',
      '--header',
      `X-Other: @${file}`,
      '--header',
      'X-Gate: abc',
      '-o',
      'json',
    ]
    expect(failureOf(await cli(own, {env})).hint).toBe(
      `panelctl nezha server list --header 'X-Other: @${file}' --header 'X-Gate: VALUE'`,
    )
  })

  test.each([
    ['no colon', 'X-Gate', 'that is no header'],
    ['no value', 'X-Gate:', 'the header X-Gate is empty'],
    ['a blank in the name', 'X Gate: a', 'that is no header'],
    ['a line break', 'X-Gate: gate\r\nX-Evil: 1', 'the header X-Gate holds line breaks'],
    ['one of ours', 'Content-Length: 3', 'panelctl sets the header Content-Length by itself'],
    ['no such file', 'X-Gate: @/nowhere/gate.txt', 'there is no file /nowhere/gate.txt'],
    ['the place of the token', 'Authorization: Basic abc', 'the header authorization carries the token'],
  ])('are refused with %s, before anything is sent', async (_name, header, words) => {
    const {panel, env} = (await panels()).nezha
    const outcome = await cli(['nezha', 'server', 'list', '-o', 'json', '--header', header], {env})
    expect(outcome.exitCode).toBe(2)
    expect(failureOf(outcome).message).toContain(words)
    expect(panel.requests).toEqual([])
  })

  test('stand beside a cookie of the panel', async () => {
    const komari = await komariSandbox()
    const env = {KOMARI_URL: komari.url, KOMARI_SESSION_TOKEN: 'own-session-0001'}
    await cli(['komari', 'node', 'list', '--header', 'Cookie: CF_Authorization=jwt'], {env})
    expect(komari.requests[0]?.headers.cookie).toBe('session_token=own-session-0001; CF_Authorization=jwt')
  })
})

test('headers for what stands before a panel go along with the login for a session, and with a WebSocket', async () => {
  const {openidcs, komari} = await panels()
  const add = 'openidcs nat add node1 web01 --port 20022 --to 192.168.1.101:22 --header'
  await cli([...add.split(' '), 'X-Gate: a'], {env: openidcs.env})
  expect(openidcs.panel.requests.map(({path, headers}) => [path, headers['x-gate']])).toContainEqual([
    '/api/login',
    'a',
  ])
  await cli(['komari', 'node', 'status', '--header', 'X-Gate: a'], {env: komari.env})
  const sockets = komari.panel.requests.filter(({headers}) => headers.upgrade === 'websocket')
  expect(sockets.map(({headers}) => headers['x-gate'])).toEqual(['a'])
})

describe('a login', () => {
  test('keeps headers with the context, and their secrets where they are', async () => {
    const nezha = await nezhaSandbox()
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    const file = secretFile()
    const flags = [
      '--url',
      nezha.url,
      '--with-token',
      '--header',
      'X-Client: me',
      '--header',
      `X-Secret: @${file}`,
    ]
    const login = await cli(['nezha', 'login', ...flags], {env, stdin: nezha.token})
    expect(login).toMatchObject({exitCode: 0})
    expect(nezha.requests[0]?.headers).toMatchObject({'x-client': 'me', 'x-secret': secret})
    expect(readFileSync(join(env.PANELCTL_CONFIG_DIR, 'config.yaml'), 'utf8')).not.toContain(secret)

    await cli('nezha server list', {env: {...env, NEZHA_HEADERS: 'X-Client: other'}})
    expect(nezha.requests.at(-1)?.headers).toMatchObject({'x-client': 'me', 'x-secret': secret})
    const shown = await cli('context show nezha -o json', {env})
    expect(JSON.parse(shown.stdout)).toContainEqual({
      panel: 'nezha',
      setting: 'headers',
      value: 'X-Client, X-Secret',
      source: 'context nezha',
    })

    // They stay with the same panel.
    await cli('nezha login --replace --with-token', {env, stdin: nezha.token})
    await cli('nezha server list', {env})
    expect(nezha.requests.at(-1)?.headers).toMatchObject({'x-client': 'me', 'x-secret': secret})

    const other = await nezhaSandbox()
    await cli(['nezha', 'login', '--replace', '--url', other.url, '--with-token'], {env, stdin: other.token})
    expect(other.requests.length).toBeGreaterThan(0)
    for (const {headers} of other.requests) expect(headers['x-secret']).toBeUndefined()
  })

  test('blames the flag for a file that cannot be read, and the context for one that it kept', async () => {
    const nezha = await nezhaSandbox()
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder(), NEZHA_HEADERS: 'X-Other: other'}
    const folder = temporaryFolder()
    const login = ['nezha', 'login', '--url', nezha.url, '--with-token', '-o', 'json']
    const typed = await cli([...login, '--header', `X-Secret: @${folder}`], {env, stdin: nezha.token})
    const said = `${folder} is a folder, not a file`
    expect(failureOf(typed)).toMatchObject({exitCode: 2, message: `--header: ${said}`})
    expect(nezha.requests).toEqual([])

    const file = join(folder, 'secret')
    writeFileSync(file, secret)
    await cli([...login, '--header', `X-Secret: @${file}`], {env, stdin: nezha.token})
    // Those of the environment stay there, as later.
    expect(nezha.requests.map(({headers}) => [headers['x-secret'], headers['x-other']])).toContainEqual([
      secret,
      undefined,
    ])
    rmSync(file)
    const kept = await cli([...login, '--replace'], {env, stdin: nezha.token})
    expect(failureOf(kept)).toMatchObject({exitCode: 2, message: `context nezha: there is no file ${file}`})
  })

  test('keeps no secret that was typed', async () => {
    const nezha = await nezhaSandbox()
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    const flags = [
      '--url',
      nezha.url,
      '--with-token',
      '--header',
      'CF-Access-Client-Secret: abcdefgh',
      '-o',
      'json',
    ]
    const outcome = await cli(['nezha', 'login', ...flags], {env, stdin: nezha.token})
    expect(outcome.exitCode).toBe(2)
    expect(failureOf(outcome).hint).toContain("--header 'CF-Access-Client-Secret: @FILE'")
    expect(outcome.stderr).not.toContain('abcdefgh')
  })

  test('of another context does not get what was typed or set for this one', async () => {
    const [one, two] = [await nezhaSandbox(), await nezhaSandbox()]
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    await cli(['nezha', 'login', '--url', one.url, '--with-token', '--context', 'one'], {
      env,
      stdin: one.token,
    })
    await cli(['nezha', 'login', '--url', two.url, '--with-token', '--context', 'two'], {
      env,
      stdin: two.token,
    })
    const set = {...env, NEZHA_HEADERS: 'X-Gate: set'}
    const checked = await cli(['context', 'check', '--header', 'X-Typed: typed'], {env: set})
    expect(checked.exitCode).toBe(0)
    const asked = await cli('nezha server list --context two', {env: set})
    expect(asked.stderr).toContain('NEZHA_HEADERS ignored: --context two is given')
    for (const {headers} of [...one.requests, ...two.requests]) {
      expect(headers).not.toHaveProperty('x-gate')
      expect(headers).not.toHaveProperty('x-typed')
    }
  })
})
