import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox, temporaryFolder} from '../harness.js'

const secrets = {token: 'tokenThatNobodyMaySee', cookie: 'cookieThatNobodyMaySee'}

describe('--debug tells of each request and shows no secret', () => {
  test('a token', async () => {
    const {environment, url} = await nezhaSandbox(secrets)
    const {stdout, stderr, exitCode} = await binary(['nezha', 'server', 'list', '-o', 'id', '--debug'], {
      env: environment,
    })
    expect({stdout, exitCode}).toEqual({stdout: '1\n2\n3\n4\n5\n', exitCode: 0})
    expect(stderr).toContain(`debug: GET ${url}/api/v1/server/list → HTTP 200`)
    expect(stderr).toContain('"authorization":"********"')
    expect(stderr).not.toContain('NobodyMaySee')
  })

  test('a cookie', async () => {
    const {url, cookie} = await nezhaSandbox(secrets)
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_COOKIE: `nezha-dashboard=${cookie}`}
    const {stderr, exitCode} = await binary(['nezha', 'server', 'list', '--debug', '-o', 'json'], {env})
    expect(exitCode).toBe(0)
    // A log reader takes each line for an object.
    const lines = stderr.trimEnd().split('\n')
    expect(lines.map(line => Object.keys(JSON.parse(line)))).toEqual(lines.map(() => ['debug']))
    expect(lines.map(line => JSON.parse(line).debug).join()).toContain('"cookie":"********"')
    expect(stderr).not.toContain('NobodyMaySee')
  })

  test('the secret of a new server is on stdout alone', async () => {
    const {environment} = await nezhaSandbox(secrets)
    const {stdout, stderr} = await binary(['nezha', 'server', 'register', '--debug', '--name', 'web9'], {
      env: environment,
    })
    expect(stdout).toMatch(/^\w{18}\n$/)
    expect(stderr).toContain('"Name":"web9"')
    expect(stderr).not.toContain(stdout.trim())
    expect(stderr).not.toContain('NobodyMaySee')
  })

  test('secrets in a query and in a body', async () => {
    const {environment} = await nezhaSandbox(secrets)
    const query = ['nezha', 'api', 'GET', '/api/v1/server/list', '-f', 'token=queryNobodyMaySee', '--debug']
    const body = ['nezha', 'api', 'POST', '/x', '-F', 'a={"password":"bodyNobodyMaySee"}', '--debug']
    for (const args of [query, body]) {
      const {stderr} = await binary(args, {env: environment})
      expect(stderr).toContain('debug: ')
      expect(stderr).toContain('********')
      expect(stderr).not.toContain('NobodyMaySee')
    }
  })

  test('failures, with their stack, and retries', async () => {
    const {environment, faults} = await nezhaSandbox(secrets)
    faults.next({kind: 'status', status: 503})
    const retried = await binary(['nezha', 'server', 'list', '-o', 'id', '--debug'], {env: environment})
    expect(retried).toMatchObject({stdout: '1\n2\n3\n4\n5\n', exitCode: 0})
    expect(retried.stderr).toMatch(/→ HTTP 503, retry 1/)
    faults.next({kind: 'reset'}, {times: Number.POSITIVE_INFINITY})
    const failed = await binary(['nezha', 'server', 'list', '--retries', '0', '--debug'], {env: environment})
    expect(failed).toMatchObject({stdout: '', exitCode: 6})
    expect(retried.stderr + failed.stderr).not.toContain('NobodyMaySee')
  })

  test('a login, its file, and the use of it', async () => {
    const {url, token} = await nezhaSandbox(secrets)
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    const login = await binary(['nezha', 'login', '--with-token', '--url', url, '--debug'], {
      env,
      stdin: token,
    })
    const list = await binary(['nezha', 'server', 'list', '--debug'], {env})
    const show = await binary(['context', 'show', '--debug'], {env})
    expect([login.exitCode, list.exitCode, show.exitCode]).toEqual([0, 0, 0])
    for (const {stdout, stderr} of [login, list, show]) expect(stdout + stderr).not.toContain('NobodyMaySee')
  })

  test('--dry-run masks them as well', async () => {
    const {environment, requests} = await nezhaSandbox(secrets)
    const {stdout, stderr, exitCode} = await binary(
      ['nezha', 'server', 'register', '--dry-run', '-o', 'json'],
      {
        env: environment,
      },
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({method: 'POST', headers: {authorization: '********'}})
    expect(stdout + stderr).not.toContain('NobodyMaySee')
    expect(requests).toEqual([])
  })
})
