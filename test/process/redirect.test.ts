import {describe, expect, test} from 'vitest'
import {binary, nezhaSandbox} from '../harness.js'
import {jsonAnswer, listAnswer, serve, tlsFixtures} from './serve.js'

const list = ['nezha', 'server', 'list', '-o', 'id', '--retries', '0']

/** A server that sends everybody elsewhere, path and all. */
async function redirecting(to: string, status = 302, protocol: 'http' | 'https' = 'http') {
  return serve((request, response) => {
    response.writeHead(status, {location: `${to}${request.url}`}).end()
  }, protocol)
}

describe('a redirect', () => {
  test.each([301, 302, 307, 308])(
    'from http to https of the same host is followed, credentials included (%i)',
    async status => {
      const panel = await serve(jsonAnswer(listAnswer('web1')), 'https')
      const {url} = await redirecting(panel.url, status)
      const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'theToken', PANELCTL_CA_FILE: tlsFixtures.caFile}
      expect(await binary(list, {env})).toMatchObject({stdout: '1\n', stderr: '', exitCode: 0})
      expect(panel.requests.map(({headers}) => headers.authorization)).toEqual(['theToken'])
    },
  )

  test('to another host is not followed: exit 10 names the address, and no credential goes there', async () => {
    const other = await nezhaSandbox()
    const otherUrl = `http://localhost:${other.port}`
    const {url} = await redirecting(otherUrl)
    const {stdout, stderr, exitCode} = await binary(list, {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: other.token},
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
    expect(stderr).toContain(`redirect to ${otherUrl}`)
    expect(stderr).toMatch(/\nhint: .*--url http:\/\/localhost/)
    expect(other.requests).toEqual([])
  })

  test('from https back to http is not followed', async () => {
    const panel = await nezhaSandbox()
    const {url} = await redirecting(panel.url, 302, 'https')
    const {stdout, exitCode} = await binary(list, {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: panel.token, PANELCTL_CA_FILE: tlsFixtures.caFile},
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
    expect(panel.requests).toEqual([])
  })

  test('in a circle ends: exit 10', async () => {
    const {url, requests} = await serve((request, response) => {
      response.writeHead(302, {location: request.url}).end()
    })
    const {stdout, exitCode} = await binary(list, {env: {NEZHA_DASHBOARD_URL: url}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
    expect(requests.length).toBeLessThan(10)
  })

  test.each([301, 302, 303, 307, 308])('of a POST is never followed (%i)', async status => {
    const panel = await nezhaSandbox()
    const {url, requests} = await redirecting(panel.url, status)
    const {stdout, stderr, exitCode} = await binary(['nezha', 'server', 'register', '--name', 'web9'], {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: panel.token},
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
    expect(stderr).toContain(panel.url)
    expect(requests).toHaveLength(1)
    expect(panel.requests).toEqual([])
  })
})
