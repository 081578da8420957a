import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {type CliOptions, cli, dashboardSandbox, nezhaSandbox, temporaryFolder} from '../../harness.js'

const make =
  'make an API token in the dashboard (v2: Profile → API Tokens; v0: avatar → API Token; v1 has none, and takes --username)'

/** v0 says the same of a token that it does not know as of none. */
const lost = '; where it is right, a proxy before the panel takes it out of the requests'

/** The current context `home`, and `prod`, of which hints are to speak; each a panel of its own. */
async function twoPanels() {
  const [home, prod] = await Promise.all([
    nezhaSandbox({servers: [{name: 'at-home'}]}),
    nezhaSandbox({servers: [{name: 'in-production'}]}),
  ])
  const folder = temporaryFolder()
  const run = (line: string | readonly string[], options: CliOptions = {}) =>
    cli(line, {...options, env: {PANELCTL_CONFIG_DIR: folder, ...options.env}})
  await run(`nezha login --context prod --url ${prod.url} --with-token`, {stdin: prod.token})
  await run(`nezha login --context home --url ${home.url} --with-token`, {stdin: home.token})
  return {home, prod, folder, run, env: {NEZHA_TOKEN: prod.token}}
}

const hintOf = async (outcome: ReturnType<typeof cli>) => failureOf(await outcome).hint

describe('a command in a hint leads to the panel of the run', () => {
  test('with --context, where a write is in doubt', async () => {
    const {prod, run} = await twoPanels()
    prod.faults.next({kind: 'reset'})
    expect(await hintOf(run('nezha server register --context prod -o json'))).toBe(
      'look before you repeat it: panelctl nezha server list --context prod',
    )
  })

  test('with --url', async () => {
    const {prod, run, env} = await twoPanels()
    expect(await hintOf(run(`nezha server show 99 --url ${prod.url}/ -o json`, {env}))).toBe(
      `panelctl nezha server list --url ${prod.url}`,
    )
  })

  test('as its certificate was trusted, with what a shell would read quoted', async () => {
    const {prod, run, folder, env} = await twoPanels()
    const pem = join(folder, "my ca's.pem")
    writeFileSync(pem, '-----BEGIN CERTIFICATE-----\n')
    const line = ['nezha', 'server', 'show', '99', '--insecure', '--url', prod.url, '-o', 'json']
    expect(await hintOf(run(line, {env}))).toBe(`panelctl nezha server list --url ${prod.url} --insecure`)
    const own = ['nezha', 'server', 'show', '99', '--context', 'prod', '--ca-file', pem, '-o', 'json']
    expect(await hintOf(run(own))).toBe(
      `panelctl nezha server list --context prod --ca-file '${folder}/my ca'\\''s.pem'`,
    )
  })

  test('without flags where there were none, and on any other hint', async () => {
    const {run} = await twoPanels()
    expect(await hintOf(run('nezha server show 99 -o json'))).toBe(`panelctl nezha server list`)
    expect(await hintOf(run('nezha server show --context prod -o json'))).toBe(
      'panelctl nezha server show --help',
    )
  })

  test('and never repeats the password of a URL', async () => {
    const {run} = await twoPanels()
    const {stderr} = await run('nezha server show 1 --url http://me:pa55@127.0.0.1:1')
    expect(stderr).not.toContain('pa55')
  })
})

describe('what to do about a credential that is refused or missing', () => {
  test('is to log in to the context again, and that works as it is written', async () => {
    const {prod, run} = await twoPanels()
    prod.state.tokens.clear()
    const again = 'panelctl nezha login --context prod --replace --with-token < token.txt'
    expect(await hintOf(run('nezha server list --context prod -o json'))).toBe(
      `${make}, then: ${again}${lost}`,
    )
    prod.state.tokens.add('new')
    const line = again.replace(/^panelctl (.*) < token.txt$/, '$1')
    expect(await run(line, {stdin: 'new\n'})).toMatchObject({exitCode: 0})
    expect(await run('nezha server list --context prod -o id')).toMatchObject({exitCode: 0, stdout: '1\n'})
  })

  test('names the context also where it is the current one, or only of the same origin as --url', async () => {
    const {home, run} = await twoPanels()
    home.state.tokens.clear()
    const hint = `${make}, then: panelctl nezha login --context home --replace --with-token < token.txt${lost}`
    expect(await hintOf(run('nezha server list -o json'))).toBe(hint)
    expect(await hintOf(run(`nezha server list -o json --url ${home.url}/`))).toBe(hint)
    const checked = await run('context check home -o json')
    expect(failureOf(checked)).toMatchObject({exitCode: 4, hint})
  })

  test('is told apart from none: a context after logout has no credential', async () => {
    const {prod, run} = await twoPanels()
    await run('nezha logout --context prod')
    const outcome = await run('nezha server list --context prod -o json')
    expect(failureOf(outcome)).toMatchObject({
      code: 'AUTH',
      message: expect.stringContaining(
        `the context prod has no credential; ${new URL(prod.url).host} said: `,
      ),
      hint: `${make}, then: panelctl nezha login --context prod --replace --with-token < token.txt`,
    })
  })

  test('is the variable where the environment gives it', async () => {
    const {prod, run} = await twoPanels()
    const url = {NEZHA_DASHBOARD_URL: prod.url}
    const hint = `${make}, and put it into NEZHA_TOKEN`
    expect(await hintOf(run('nezha server list -o json', {env: url}))).toBe(hint)
    const wrong = {...url, NEZHA_TOKEN: 'wrong'}
    expect(await hintOf(run('nezha server list -o json', {env: wrong}))).toBe(`${hint}${lost}`)
    const cookie = {...url, NEZHA_COOKIE: 'a=wrong'}
    expect(await hintOf(run('nezha server list -o json', {env: cookie}))).toBe(
      `${hint}, without NEZHA_COOKIE${lost}`,
    )
    const file = join(temporaryFolder(), 'token')
    writeFileSync(file, 'wrong')
    expect(await hintOf(run('nezha server list -o json', {env: {...url, NEZHA_TOKEN_FILE: file}}))).toBe(
      `${make}, and put it into the file that NEZHA_TOKEN_FILE names${lost}`,
    )
  })

  test('names --url where there is no context for it, and a name for the context that is free', async () => {
    const {prod, run} = await twoPanels()
    const list = `nezha server list -o json --url ${prod.url}`
    expect(await hintOf(run(list))).toBe(
      `${make}, and put it into NEZHA_TOKEN, or: panelctl nezha login --url ${prod.url} --with-token < token.txt`,
    )
    await run(`nezha login --url ${prod.url}/other --with-token --no-check`, {stdin: 'x'})
    await run('context use home')
    expect(await hintOf(run(list))).toBe(
      `${make}, and put it into NEZHA_TOKEN, or: panelctl nezha login --context 127.0.0.1 --url ${prod.url} --with-token < token.txt`,
    )
  })

  test('is the command of a context whose token a command prints', async () => {
    const {prod, run} = await twoPanels()
    prod.state.tokens.add('a-token-of-its-own')
    await run([
      'nezha',
      'login',
      '--url',
      prod.url,
      '--context',
      'printed',
      '--token-command',
      'echo a-token-of-its-own',
    ])
    prod.state.tokens.clear()
    expect(await hintOf(run('nezha server list -o json'))).toBe(
      `${make}, and let the command of the context printed print it (tokenCommand), or: panelctl nezha login --context printed --replace --with-token < token.txt${lost}`,
    )
  })

  test('is to log in again where the secret of a context is lost', async () => {
    const {run, folder} = await twoPanels()
    writeFileSync(join(folder, 'credentials.yaml'), '')
    const outcome = await run('nezha server list --context prod -o json')
    expect(failureOf(outcome)).toMatchObject({
      code: 'AUTH',
      exitCode: 4,
      message: 'the context prod has no stored token: log in again',
      hint: 'panelctl nezha login --context prod --replace --with-token < token.txt',
    })
  })

  test('is to use the file, where a keychain cannot be reached', async () => {
    const {run, folder} = await twoPanels()
    const context = "{panel: nezha, url: 'http://127.0.0.1:9', credential: cookie, store: keychain}"
    writeFileSync(join(folder, 'config.yaml'), `contexts:\n  kept: ${context}\n`)
    const outcome = await run('nezha server list --context kept -o json', {env: {XDG_RUNTIME_DIR: folder}})
    expect(failureOf(outcome)).toMatchObject({
      code: 'AUTH',
      message: 'the keychain cannot be used: there is no session bus',
      hint: 'cron and SSH sessions cannot read the keychain; to keep it in a file: panelctl nezha login --context kept --replace --store file --with-cookie < cookie.txt',
    })
  })
})

test('a note of where the credential is from is said once, also where that is refused', async () => {
  const {environment} = await dashboardSandbox()
  const {NEZHA_DASHBOARD_URL = ''} = environment
  const {stderr, exitCode} = await cli('nezha server list', {
    env: {
      NEZHA_DASHBOARD_URL,
      NEZHA_TOKEN: 'nzp_wrong0000000000000000001',
      NEZHA_USERNAME: 'admin',
      NEZHA_PASSWORD: 'x',
    },
  })
  expect(exitCode).toBe(4)
  expect(stderr.split('\n').filter(line => line.includes('ignored'))).toEqual([
    'NEZHA_PASSWORD ignored: NEZHA_TOKEN is set',
  ])
})
