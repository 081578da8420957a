import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, komariSandbox} from '../../harness.js'
import {dataAt} from './world.js'

describe('komari me', () => {
  test('is what the panel says to a guest and to a session', async () => {
    const sandbox = await komariSandbox()
    const env = {KOMARI_URL: sandbox.url}
    expect(await cli('komari me', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'USERNAME   Guest\nLOGGED IN  no\n',
    })
    const session = {...env, KOMARI_SESSION_TOKEN: sandbox.session}
    expect(await cli('komari me', {env: session})).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: 'USERNAME   admin\nLOGGED IN  yes\n',
    })
    expect(paths(sandbox)).toEqual(['GET /api/me', 'GET /api/me'])
  })

  test('asks RPC2 with an API key', async () => {
    const sandbox = await komariSandbox()
    expect(await cli('komari me', {env: sandbox.environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'USERNAME   api_key\nLOGGED IN  yes\n',
    })
    expect(paths(sandbox)).toEqual(['POST /api/rpc2'])
  })

  test.each(['1.0.3', '1.1', '1.2.5'] as const)(
    'exits with 4 for a worthless API key on %s',
    async profile => {
      const {url} = await komariSandbox({profile})
      const outcome = await cli('komari me', {env: {KOMARI_URL: url, KOMARI_API_KEY: 'of-another-panel'}})
      expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    },
  )
})

test('komari site shows what every visitor may know', async () => {
  const sandbox = await komariSandbox({settings: {sitename: 'Lab', description: 'd'}})
  const {environment: env} = sandbox
  expect((await cli('komari site', {env})).stdout).toBe(
    [
      'NAME            Lab',
      'DESCRIPTION     d',
      'PRIVATE         no',
      'OAUTH           no',
      'PASSWORD LOGIN  yes',
      'RECORDS         yes',
      'LOAD KEPT       at most 1d',
      'PINGS KEPT      at most 1d',
      'THEME           default',
      '',
    ].join('\n'),
  )
  expect(JSON.parse((await cli('komari site -o json', {env})).stdout)).toEqual(
    await dataAt(sandbox, '/api/public'),
  )
  sandbox.faults.next({kind: 'wrong-types', change: () => ({status: 'success', data: {sitename: 'x'}})})
  expect(await cli('komari site', {env})).toMatchObject({exitCode: 10, stdout: ''})
})

describe('komari oauth', () => {
  const provider =
    /^https:\/\/github\.com\/login\/oauth\/authorize\?client_id=&state=\w{16}&scope=user:email$/
  const on = {settings: {o_auth_enabled: true, o_auth_provider: 'github'}}

  test('prints the address of the provider, which is not asked', async () => {
    const sandbox = await komariSandbox(on)
    const {environment: env, url} = sandbox
    const outcome = await cli('komari oauth', {env})
    expect(outcome).toMatchObject({exitCode: 0, stderr: `a browser begins at ${url}/api/oauth\n`})
    expect(outcome.stdout.trimEnd()).toMatch(provider)
    const {stdout} = await cli('komari oauth -o json', {env})
    expect(JSON.parse(stdout)).toEqual({
      url: expect.stringMatching(provider),
      start: `${url}/api/oauth`,
    })
    // Each with the question whether the key is worth anything.
    const asked = ['GET /api/oauth', 'POST /api/rpc2']
    expect(paths(sandbox)).toEqual([...asked, ...asked])
  })

  test('that is off leads to what there is', async () => {
    const {environment: env} = await komariSandbox({})
    expect(failureOf(await cli('komari oauth -o json', {env}))).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('OAuth is not enabled'),
      hint: 'which way in there is: panelctl komari site',
    })
  })

  test('takes no login of a gateway for the provider, and follows one to https', async () => {
    const {environment: env, url, faults} = await komariSandbox(on)
    faults.next({kind: 'redirect', to: 'https://sso.example.com/login?rd=x'})
    expect(failureOf(await cli('komari oauth -o json', {env}))).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('a redirect to https://sso.example.com/login, which is not followed'),
    })
    faults.next({kind: 'redirect', to: `${url}/api/oauth?again`})
    expect((await cli('komari oauth', {env})).stdout.trimEnd()).toMatch(provider)
  })

  test('--open says where there is no browser', async () => {
    const {environment} = await komariSandbox(on)
    const outcome = await cli('komari oauth --open', {env: {...environment, PATH: '/nowhere'}})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stdout.trimEnd()).toMatch(provider)
    expect(outcome.stderr).toContain('warning: cannot open a browser')
  })

  test('exits with 5 where it is off', async () => {
    const sandbox = await komariSandbox()
    const {environment: env} = sandbox
    const outcome = await cli('komari oauth -o json', {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 5, message: expect.stringContaining('not enabled')})
    sandbox.faults.next({kind: 'status', status: 401})
    expect(await cli('komari oauth', {env})).toMatchObject({exitCode: 4, stdout: ''})
  })
})

test('a path that Komari does not know is answered with its page: the hint is about the path', async () => {
  const {environment: env} = await komariSandbox()
  const outcome = await cli('komari api GET /api/nodes/extra -o json', {env})
  expect(failureOf(outcome)).toMatchObject({
    exitCode: 10,
    hint: expect.stringContaining('Komari itself where it does not know a path'),
  })
})
