import {describe, expect, test} from 'vitest'
import {failureOf} from '../failure.js'
import {cli, dashboardSandbox, komariSandbox, openidcsSandbox} from '../harness.js'
import {rewritingProxy} from '../process/rewriting-proxy.js'

/** A proxy that takes these headers out of requests and answers. */
function without(url: string, names: string): Promise<string> {
  const header = new RegExp(`^(${names}): .*\\r\\n`, 'gim')
  return rewritingProxy(url, {
    request: head => head.replace(header, ''),
    answer: head => head.replace(header, ''),
  })
}

const lost = 'where it is right, a proxy before the panel takes it out of the requests'

describe('what a proxy takes out is not blamed on a credential that is right', () => {
  test.each(['monitor show 1', 'monitor show 5', 'api GET /api/v1/server/1/service'])(
    'the API token of Nezha v2: %s is not answered as to a guest',
    async line => {
      const panel = await dashboardSandbox({generation: 'v2'})
      const env = {...panel.environment, NEZHA_DASHBOARD_URL: await without(panel.url, 'authorization')}
      const outcome = await cli(`nezha ${line} -o json`, {env})
      expect(failureOf(outcome)).toMatchObject({exitCode: 4, hint: expect.stringContaining(lost)})
      expect(outcome.stdout).toBe('')
    },
  )

  test.each(['v1', 'v2'] as const)('the session of Nezha %s, where guests are answered', async generation => {
    const panel = await dashboardSandbox({generation})
    const env = {
      NEZHA_DASHBOARD_URL: await without(panel.url, 'authorization|cookie'),
      NEZHA_USERNAME: panel.username,
      NEZHA_PASSWORD: panel.password,
    }
    for (const line of ['server status', 'monitor show 1', 'server list']) {
      const outcome = await cli(`nezha ${line} -o json`, {env})
      expect(failureOf(outcome), line).toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('does not know the session that it has just given'),
        hint: expect.stringContaining('a proxy before it takes that out'),
      })
    }
  })

  test.each(['cookie', 'set-cookie'])('the CSRF cookie of Nezha v2: %s', async header => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = {
      NEZHA_DASHBOARD_URL: await without(panel.url, header),
      NEZHA_USERNAME: panel.username,
      NEZHA_PASSWORD: panel.password,
    }
    expect(failureOf(await cli('nezha group create g -o json', {env}))).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('the cookie of the session has not come to Nezha'),
      hint: expect.stringContaining('nz-csrf'),
    })
  })

  test.each(['node edit web1 --remark x', 'export task', 'node list'])(
    "Komari's key: komari %s",
    async line => {
      const panel = await komariSandbox()
      const env = {...panel.environment, KOMARI_URL: await without(panel.url, 'authorization')}
      expect(failureOf(await cli(`komari ${line} -o json`, {env}))).toMatchObject({
        exitCode: 4,
        hint: expect.stringContaining(lost),
      })
    },
  )

  test('the session of the newest OpenIDCS', async () => {
    const panel = await openidcsSandbox({profile: 'newest'})
    const env = {...panel.environment, OPENIDCS_URL: await without(panel.url, 'set-cookie')}
    const line = 'openidcs nat add node1 web01 --port 9555 --to 192.168.1.101:80 -o json'
    expect(failureOf(await cli(line, {env}))).toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('took the login, and its session has not come with the answer'),
      hint: expect.stringContaining('Set-Cookie'),
    })
  })
})

test.each([
  ['komari api POST /api/admin/client/x/edit -f remark=x', '{"code":401,"message":"log in to the gateway"}'],
  ['komari api POST /api/admin/client/x/edit -f remark=x', '{}'],
  ['nezha api PATCH /api/v1/server/1 -f name=x', '{"code":200,"msg":"ok","data":null}'],
])("somebody's JSON is no success of a write: %s", async (line, body) => {
  const panel = await (line.startsWith('komari') ? komariSandbox() : dashboardSandbox({generation: 'v2'}))
  panel.faults.next({kind: 'status', status: 200, body, contentType: 'application/json'}, {times: 9})
  expect(await cli(line, {env: panel.environment})).toMatchObject({exitCode: 7, stdout: ''})
})
