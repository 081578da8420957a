import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli} from '../../harness.js'
import {komariServer, refused, success} from '../../komari-server.js'

const site = {
  sitename: 'Lab',
  description: 'd',
  private_site: false,
  oauth_enable: false,
  oauth_provider: 'github',
  disable_password_login: false,
  record_enabled: true,
  record_preserve_time: 24,
  ping_record_preserve_time: 24,
  theme: 'default',
  theme_settings: {},
}

describe('komari me', () => {
  test('is what the panel says to a guest and to a session', async () => {
    const server = await komariServer({
      'GET /api/me': ({headers}) => ({
        json: headers.cookie
          ? {logged_in: true, username: 'admin', uuid: 'u'}
          : {logged_in: false, username: 'Guest'},
      }),
    })
    const env = server.environment
    expect(await cli('komari me', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: 'USERNAME   Guest\nLOGGED IN  no\n',
    })
    expect((await cli('komari me -o json', {env: {...env, KOMARI_SESSION_TOKEN: 'x'}})).stdout).toContain(
      '"admin"',
    )
    expect(paths(server)).toEqual(['GET /api/me', 'GET /api/me'])
  })

  test('asks RPC2 with an API key, and warns where nobody knows the session', async () => {
    const server = await komariServer({
      'POST /api/rpc2': {json: {jsonrpc: '2.0', id: 1, result: {logged_in: true, username: 'api_key'}}},
      'GET /api/me': {json: {logged_in: false, username: 'Guest'}},
    })
    const env = server.environment
    expect(await cli('komari me', {env: {...env, KOMARI_API_KEY: 'right-api-key'}})).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: 'USERNAME   api_key\nLOGGED IN  yes\n',
    })
    expect((await cli('komari me', {env: {...env, KOMARI_SESSION_TOKEN: 'old'}})).stderr).toBe(
      'warning: Komari does not know the session and answers as to a guest\n',
    )
  })
})

test('komari site shows what every visitor may know', async () => {
  const {environment: env} = await komariServer({'GET /api/public': success(site)})
  expect((await cli('komari site', {env})).stdout).toBe(
    [
      'NAME            Lab',
      'DESCRIPTION     d',
      'PRIVATE         no',
      'OAUTH           no',
      'PASSWORD LOGIN  yes',
      'RECORDS         yes',
      'LOAD KEPT       1d',
      'PINGS KEPT      1d',
      'THEME           default',
      '',
    ].join('\n'),
  )
  expect(JSON.parse((await cli('komari site -o json', {env})).stdout)).toEqual(site)
  const {environment} = await komariServer({'GET /api/public': success({sitename: 'x'})})
  expect(await cli('komari site', {env: environment})).toMatchObject({exitCode: 10, stdout: ''})
})

describe('komari oauth', () => {
  const provider = 'https://id.example.com/authorize?client_id=x&state=abc'

  test('prints the address of the provider, which is not asked', async () => {
    const server = await komariServer({
      'GET /api/oauth': {status: 302, text: '', headers: {location: provider}},
    })
    expect(await cli('komari oauth', {env: server.environment})).toEqual({
      exitCode: 0,
      stdout: `${provider}\n`,
      stderr: `a browser begins at ${server.url}/api/oauth\n`,
    })
    const {stdout} = await cli('komari oauth -o json', {env: server.environment})
    expect(JSON.parse(stdout)).toEqual({url: provider, start: `${server.url}/api/oauth`})
  })

  test('--open says where there is no browser', async () => {
    const server = await komariServer({
      'GET /api/oauth': {status: 302, text: '', headers: {location: provider}},
    })
    const outcome = await cli('komari oauth --open', {env: {...server.environment, PATH: '/nowhere'}})
    expect(outcome).toMatchObject({exitCode: 0, stdout: `${provider}\n`})
    expect(outcome.stderr).toContain('warning: cannot open a browser')
  })

  test('exits with 5 where it is off', async () => {
    const {environment: env} = await komariServer({
      'GET /api/oauth': {status: 403, json: {status: 'error', error: 'OAuth is not enabled'}},
    })
    const outcome = await cli('komari oauth -o json', {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 5, message: expect.stringContaining('not enabled')})
    const refusing = await komariServer({'GET /api/oauth': refused(401, 'no')})
    expect(await cli('komari oauth', {env: refusing.environment})).toMatchObject({exitCode: 4, stdout: ''})
  })
})
