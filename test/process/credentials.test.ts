import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox, temporaryFolder} from '../harness.js'

const list = ['nezha', 'server', 'list', '-o', 'id', '--retries', '0']

/** A panel that was logged in to as context `lab`, and another one that was not. */
async function twoPanels(token = 'tokenOfTheContext') {
  const lab = await nezhaSandbox({token: 'tokenOfTheContext'})
  const other = await nezhaSandbox({token: 'tokenOfTheEnvironment'})
  const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
  const login = ['nezha', 'login', '--no-check', '--with-token', '--context', 'lab', '--url', lab.url]
  expect((await binary(login, {env, stdin: token})).exitCode).toBe(0)
  return {lab, other, env}
}

/** The credentials that a panel was sent. */
function received({requests}: {requests: readonly {headers: {authorization?: string; cookie?: string}}[]}) {
  return requests.map(({headers}) => headers.authorization ?? headers.cookie ?? 'none')
}

const ids = '1\n2\n3\n4\n5\n'

describe('a credential only goes where it was meant for', () => {
  test('--context N: the context’s; the environment is ignored, with a note', async () => {
    const {lab, other, env} = await twoPanels()
    const outcome = await binary([...list, '--context', 'lab'], {
      env: {...env, NEZHA_DASHBOARD_URL: other.url, NEZHA_TOKEN: other.token},
    })
    expect(outcome).toMatchObject({
      stdout: ids,
      stderr: 'NEZHA_DASHBOARD_URL, NEZHA_TOKEN ignored: --context lab is given\n',
      exitCode: 0,
    })
    expect(received(lab)).toEqual([lab.token])
    expect(received(other)).toEqual([])
  })

  test('--url U: the environment’s credential', async () => {
    const {lab, other, env} = await twoPanels()
    const args = [...list, '--url', other.url]
    expect(await binary(args, {env: {...env, NEZHA_TOKEN: other.token}})).toMatchObject({stdout: ids})
    expect(received(lab)).toEqual([])
    expect(received(other)).toEqual([other.token])
  })

  test('--url U of another origin: not the context’s', async () => {
    const {lab, other, env} = await twoPanels()
    expect(await binary([...list, '--url', other.url], {env})).toMatchObject({stdout: '', exitCode: 4})
    expect(received(lab)).toEqual([])
    expect(received(other)).toEqual(['none'])
  })

  test('--url U of the context’s origin: the context’s', async () => {
    const {lab, env} = await twoPanels()
    expect(await binary([...list, '--url', `${lab.url}/`], {env})).toMatchObject({stdout: ids, exitCode: 0})
    expect(received(lab)).toEqual([lab.token])
  })

  test('the same host under another name or port is another origin', async () => {
    const {lab, env} = await twoPanels()
    const url = lab.url.replace('127.0.0.1', 'localhost')
    expect(await binary([...list, '--url', url], {env})).toMatchObject({stdout: '', exitCode: 4})
    expect(received(lab)).toEqual(['none'])
  })

  test('a URL in the environment: the environment’s credential, else none', async () => {
    const {lab, other, env} = await twoPanels()
    const NEZHA_DASHBOARD_URL = other.url
    expect(await binary(list, {env: {...env, NEZHA_DASHBOARD_URL, NEZHA_TOKEN: other.token}})).toMatchObject({
      stdout: ids,
    })
    expect(await binary(list, {env: {...env, NEZHA_DASHBOARD_URL}})).toMatchObject({stdout: '', exitCode: 4})
    expect(received(other)).toEqual([other.token, 'none'])
    expect(received(lab)).toEqual([])
  })

  test('only a token in the environment: not to a context that has its own, which is exit 2', async () => {
    const {lab, env} = await twoPanels()
    const {stdout, stderr, exitCode} = await binary(list, {
      env: {...env, NEZHA_TOKEN: 'tokenOfTheEnvironment'},
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toMatch(/NEZHA_TOKEN is set, and the context lab .* has its own/)
    expect(received(lab)).toEqual([])
  })

  test('only a token in the environment: to a context without one', async () => {
    const {lab, env} = await twoPanels()
    expect((await binary(['nezha', 'logout', '--context', 'lab'], {env})).exitCode).toBe(0)
    expect(await binary(list, {env: {...env, NEZHA_TOKEN: lab.token}})).toMatchObject({
      stdout: ids,
      exitCode: 0,
    })
    expect(received(lab)).toEqual([lab.token])
  })

  test.each(['PANELCTL_NEZHA_CONTEXT', 'PANELCTL_CONTEXT'])('%s names the context', async variable => {
    const {lab, other, env} = await twoPanels()
    const second = ['nezha', 'login', '--no-check', '--with-token', '--context', 'second', '--url', other.url]
    expect((await binary(second, {env, stdin: other.token})).exitCode).toBe(0)
    for (const [name, panel] of [
      ['lab', lab],
      ['second', other],
    ] as const) {
      expect(await binary(list, {env: {...env, [variable]: name}})).toMatchObject({stdout: ids, exitCode: 0})
      expect(received(panel)).toEqual([panel.token])
    }
  })

  test('a cookie is sent as a cookie, and not as a token', async () => {
    const {url, cookie} = await nezhaSandbox()
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_COOKIE: `nezha-dashboard=${cookie}`}
    expect(await binary(list, {env})).toMatchObject({stdout: ids, exitCode: 0})
  })
})

describe('a token from elsewhere', () => {
  test('NEZHA_TOKEN_FILE names a file, whose last newline is not part of it', async () => {
    const {url, token, requests} = await nezhaSandbox()
    const file = join(temporaryFolder(), 'token')
    writeFileSync(file, `${token}\n`)
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN_FILE: file}
    expect(await binary(list, {env})).toMatchObject({stdout: ids, stderr: '', exitCode: 0})
    expect(received({requests})).toEqual([token])
  })

  test.each([
    ['that is not there', undefined],
    ['that is empty', ''],
    ['with two lines', 'one\ntwo\n'],
  ])('NEZHA_TOKEN_FILE %s is exit 2, before anything is asked', async (_, text) => {
    const {url, requests} = await nezhaSandbox()
    const file = join(temporaryFolder(), 'token')
    if (text !== undefined) writeFileSync(file, text)
    const {stdout, stderr, exitCode} = await binary(list, {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN_FILE: file},
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toContain('NEZHA_TOKEN_FILE')
    expect(requests).toEqual([])
  })

  test('--token-command: nothing is stored, the command runs each time and does not read our stdin', async () => {
    const {url, token, requests} = await nezhaSandbox()
    const folder = temporaryFolder()
    const file = join(folder, 'token')
    writeFileSync(file, `${token}\nsecond line\n`)
    const env = {PANELCTL_CONFIG_DIR: join(folder, 'config')}
    const login = ['nezha', 'login', '--url', url, '--token-command', `cat - '${file}'`]
    expect(await binary(login, {env, stdin: 'not the token\n'})).toMatchObject({stdout: '', exitCode: 0})
    expect(await binary(list, {env, stdin: 'not the token\n'})).toMatchObject({
      stdout: ids,
      stderr: '',
      exitCode: 0,
    })
    expect(received({requests})).toEqual([token, token])
    const saved = await binary(['context', 'show', '-o', 'json', '--context', 'nezha'], {env})
    expect(saved.stdout + saved.stderr).not.toContain(token)

    writeFileSync(file, 'wrong\n')
    expect(await binary(list, {env})).toMatchObject({stdout: '', exitCode: 4})
    expect(received({requests})).toEqual([token, token, 'wrong'])
  })

  test('a token command that fails is exit 4 with what it said, and nothing is asked', async () => {
    const {url, requests} = await nezhaSandbox()
    const login = ['nezha', 'login', '--url', url, '--token-command', 'echo half; echo locked >&2; exit 3']
    const {stdout, stderr, exitCode} = await binary(login)
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 4})
    expect(stderr).toContain('failed with exit 3: locked')
    expect(stderr).not.toContain('half;  locked')
    expect(requests).toEqual([])
  })
})
