import {once} from 'node:events'
import {connect, createServer} from 'node:net'
import {describe, expect, onTestFinished, test} from 'vitest'
import {staysWith} from '../../src/lib/http/redirect.js'
import {binary, nezhaSandbox} from '../harness.js'
import {jsonAnswer, listAnswer, serve, tlsFixtures} from './serve.js'

const list = ['nezha', 'server', 'list', '-o', 'id', '--retries', '0']

/** A port behind which the first byte decides who answers: TLS begins with 0x16. */
async function onOnePort(
  plain: {readonly port: number},
  encrypted: {readonly port: number},
): Promise<number> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', first => {
      const target = connect(first[0] === 0x16 ? encrypted.port : plain.port, '127.0.0.1')
      target.on('error', () => {})
      target.write(first)
      socket.pipe(target).pipe(socket)
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A server that sends everybody elsewhere, path and all. */
async function redirecting(to: string, status = 302, protocol: 'http' | 'https' = 'http') {
  return serve((request, response) => {
    response.writeHead(status, {location: `${to}${request.url}`}).end()
  }, protocol)
}

describe('a redirect', () => {
  test.each([301, 302, 307, 308])(
    'from http to https of the same host and port is followed, credentials included (%i)',
    async status => {
      const panel = await serve(jsonAnswer(listAnswer('web1')), 'https')
      const plain = await redirecting(panel.url, status)
      const both = await onOnePort(plain, panel)
      // It names itself, as a panel behind one port for both does.
      plain.server.removeAllListeners('request')
      plain.server.on('request', (request, response) => {
        response.writeHead(status, {location: `https://127.0.0.1:${both}${request.url}`}).end()
      })
      const env = {
        NEZHA_DASHBOARD_URL: `http://127.0.0.1:${both}`,
        NEZHA_TOKEN: 'theToken',
        PANELCTL_CA_FILE: tlsFixtures.caFile,
      }
      expect(await binary(list, {env})).toMatchObject({stdout: '1\n', stderr: '', exitCode: 0})
      expect(panel.requests.map(({headers}) => headers.authorization)).toEqual(['theToken'])
    },
  )

  test('to https where nothing speaks it is named as what fails, and not the address that was given', async () => {
    const {url, port} = await serve((request, response) => {
      response.writeHead(301, {location: `https://127.0.0.1:${port}${request.url}`}).end()
    })
    const {stdout, stderr, exitCode} = await binary([...list, '--retries', '1'], {
      env: {NEZHA_DASHBOARD_URL: url},
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 6})
    expect(stderr).toBe(
      `panelctl: cannot reach https://127.0.0.1:${port}, where Nezha at 127.0.0.1:${port} redirects to: it does not speak TLS\n` +
        `hint: its answer to ${url} leads there: correct that redirect, or use the address of the panel itself\n`,
    )
  })

  test('to another port of the same host is not followed: exit 10, and no credential goes there', async () => {
    const other = await serve(jsonAnswer(listAnswer('web1')))
    const {url} = await redirecting(other.url)
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'theToken'}
    expect(await binary(list, {env})).toMatchObject({stdout: '', exitCode: 10})
    expect(other.requests).toEqual([])
  })

  test('from http to https at another port of the host is not followed: that is another program', async () => {
    const other = await serve(jsonAnswer(listAnswer('web1')), 'https')
    const {url} = await redirecting(other.url)
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'theToken', PANELCTL_CA_FILE: tlsFixtures.caFile}
    expect(await binary(list, {env})).toMatchObject({stdout: '', exitCode: 10})
    expect(other.requests).toEqual([])
  })

  test.each([
    ['http://panel.test/x', 'https://panel.test/x', true],
    ['http://panel.test:80/x', 'https://panel.test:443/x', true],
    ['http://panel.test/x', 'https://panel.test:8443/x', false],
    ['http://panel.test:8080/x', 'https://panel.test/x', false],
    ['http://panel.test/x', 'https://panel.test.evil.test/x', false],
  ])('from %s to %s keeps the credentials: %s', (from, to, keeps) => {
    expect(staysWith(new URL(from), new URL(to))).toBe(keeps)
  })

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

  test('to another name is not followed either where the same program answers to it, at the same port', async () => {
    const {url, port, requests} = await serve((request, response) => {
      if (request.headers.host?.startsWith('localhost'))
        return jsonAnswer(listAnswer('web1'))(request, response)
      response.writeHead(302, {location: `http://localhost:${port}${request.url}`}).end()
    })
    const env = {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'theToken'}
    expect(await binary(list, {env})).toMatchObject({stdout: '', exitCode: 10})
    expect(requests.map(({headers}) => headers.host)).toEqual([`127.0.0.1:${port}`])
  })

  test('from https back to http is not followed, not even at the same port', async () => {
    const panel = await serve(jsonAnswer(listAnswer('web1')))
    const encrypted = await serve((request, response) => {
      response.writeHead(302, {location: `http://${request.headers.host}${request.url}`}).end()
    }, 'https')
    const both = await onOnePort(panel, encrypted)
    const {stdout, exitCode} = await binary(list, {
      env: {
        NEZHA_DASHBOARD_URL: `https://127.0.0.1:${both}`,
        NEZHA_TOKEN: 'theToken',
        PANELCTL_CA_FILE: tlsFixtures.caFile,
      },
    })
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
    expect([encrypted.requests.length, panel.requests.length]).toEqual([1, 0])
  })

  test('in a circle ends: exit 10', async () => {
    const {url, requests} = await serve((request, response) => {
      response.writeHead(302, {location: request.url}).end()
    })
    const {stdout, exitCode} = await binary(list, {env: {NEZHA_DASHBOARD_URL: url}})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
    expect(requests.length).toBeLessThan(10)
  })

  test.each(['stands still', 'never ends'])('whose own body %s is neither read nor waited for', async how => {
    const panel = await serve((request, response) => {
      if (request.url?.startsWith('/found')) return jsonAnswer(listAnswer('web1'))(request, response)
      response.on('error', () => {})
      response.writeHead(302, {
        location: request.url?.startsWith('/round') ? request.url : `/found${request.url}`,
      })
      const pour = () => {
        while (response.write('x'.repeat(65_536)));
      }
      if (how === 'stands still') return response.write('x')
      pour()
      return response.on('drain', pour)
    })
    const run = (path: string) =>
      binary([...list, '--timeout', '5s'], {env: {NEZHA_DASHBOARD_URL: `${panel.url}${path}`}})
    expect(await run('')).toMatchObject({stdout: '1\n', stderr: '', exitCode: 0})
    expect(await run('/round')).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('redirects that go round'),
      exitCode: 10,
    })
  })

  test.each([301, 302, 303, 307, 308])('of a POST is never followed (%i)', async status => {
    const panel = await nezhaSandbox()
    for (const to of [panel.url, '/elsewhere']) {
      const {url, requests} = await redirecting(to, status)
      const {stdout, stderr, exitCode} = await binary(['nezha', 'server', 'register', '--name', 'web9'], {
        env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: panel.token},
      })
      expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 10})
      expect(stderr).toContain(`redirect to ${to}`)
      expect(requests).toHaveLength(1)
    }
    expect(panel.requests).toEqual([])
  })
})
