import {once} from 'node:events'
import type {RequestListener, ServerResponse} from 'node:http'
import {type AddressInfo, connect, createServer} from 'node:net'
import {gzipSync} from 'node:zlib'
import {describe, expect, onTestFinished, test} from 'vitest'
import {createClient} from '../../src/lib/http/client.js'
import {listServers} from '../../src/lib/panels/nezha/v0/endpoints.js'
import {startDashboard} from '../emulated.js'
import {binary, komariSandbox} from '../harness.js'
import {serve} from './serve.js'

/** A server that answers everything with these bytes, and then goes on with `more` for ever. */
async function answering(bytes: string, more?: string): Promise<string> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(bytes)
      if (more === undefined) return
      const timer = setInterval(() => socket.write(more), 5)
      socket.once('close', () => clearInterval(timer))
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

/** So many MiB of what is JSON so far, and then the end. */
function blanks(left: number, end = (response: ServerResponse) => void response.end()): RequestListener {
  const part = Buffer.alloc(1024 * 1024, ' ')
  return (_request, response) => {
    let parts = left
    response.writeHead(200, {'content-type': 'application/json'})
    const more = () => void (parts-- > 0 ? response.write(part, more) : end(response))
    more()
  }
}

const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'

test('a server that switches to another protocol is no success: exit 10, and nothing on stdout', async () => {
  const env = {NEZHA_DASHBOARD_URL: await answering(upgrade), NEZHA_TOKEN: 'x'}
  const outcome = await binary(['nezha', 'server', 'list', '--retries', '0'], {env})
  expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
  expect(outcome.stderr).toContain('with another protocol')
})

test('a registration that is answered with another protocol is in doubt: exit 7', async () => {
  const env = {NEZHA_DASHBOARD_URL: await answering(upgrade), NEZHA_TOKEN: 'x'}
  expect(await binary(['nezha', 'server', 'register', '--name', 'x'], {env})).toMatchObject({
    exitCode: 7,
    stdout: '',
  })
})

test('-h behind a flag that takes a value is that value, and never prints help as a secret', async () => {
  const outcome = await binary(['nezha', 'server', 'register', '--name', '-h'])
  expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
})

test('what a server says cannot drive the terminal through an error, however it is printed', async () => {
  const body = JSON.stringify({code: 500, message: '\u001b]0;pwned\u0007\u009b31m'})
  const page = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const env = {NEZHA_DASHBOARD_URL: await answering(page), NEZHA_TOKEN: 'x'}
  for (const flags of [[], ['--debug'], ['-o', 'json'], ['-o', 'json', '--debug']]) {
    const {stderr, exitCode} = await binary(['nezha', 'server', 'list', ...flags], {env})
    expect(exitCode).toBe(5)
    const controls = [...stderr.replaceAll('\n', '')].filter(
      letter => letter < ' ' || (letter >= '\u007f' && letter < '\u00a0'),
    )
    expect(controls).toEqual([])
  }
})

test('groups that fail while the first frame of Nezha v2 is waited for are no crash', async () => {
  const {environment: env, faults, socketFaults, close} = await startDashboard()
  onTestFinished(close)
  faults.next({kind: 'html-404'}, {path: /server-group/, times: 9})
  socketFaults.next({kind: 'mute'})
  const args = ['nezha', 'server', 'status', '--timeout', '1s', '--retries', '0']
  const outcome = await binary(args, {env})
  expect(outcome.exitCode, outcome.stderr).not.toBe(1)
  expect(outcome.stdout).toBe('')
  expect(outcome.stderr).toMatch(/^panelctl: /m)
})

const page = 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<title>Sign in</title>'

// Without their limits each of these runs until the test's own time is over.
describe('what never ends', () => {
  const komari = ['komari', 'node', 'status', '--retries', '0', '--timeout']
  const nezha = ['nezha', 'server', 'list', '--timeout', '500ms', '--retries', '0']

  test.each([
    ['headers, in place of a WebSocket', 'HTTP/1.1 200 OK\r\n', 'x-more: x\r\n', '2s'],
    ['a page that drips, in its place', page, '.', '2s'],
    ['nothing at all, in its place', '', undefined, '2s'],
    // By its size, long before its time is over.
    ['a page that pours, in its place', page, 'x'.repeat(65_536), '60s'],
    [
      'what calls itself JSON and pours',
      page.replace('text/html', 'application/json'),
      ' '.repeat(65_536),
      '60s',
    ],
  ])('%s, ends, and RPC2 has the same', async (_, bytes, more, timeout) => {
    const {url} = await komariSandbox()
    const {hostname, port} = new URL(await answering(bytes, more))
    // The list comes from the panel, and the socket is cut off.
    const proxy = createServer(client => {
      client.on('error', () => {})
      client.once('data', first => {
        const isUpgrade = first.toString().includes('Upgrade: websocket')
        const target = connect(isUpgrade ? Number(port) : Number(new URL(url).port), hostname)
        target.on('error', () => {})
        target.write(first)
        client.pipe(target).pipe(client)
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void proxy.close())
    await once(proxy, 'listening')
    const env = {KOMARI_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`}
    const outcome = await binary([...komari, timeout], {env})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stdout).toMatch(/^NAME +STATE/)
    expect(outcome.stderr).toContain('RPC2')
  })

  test.each([
    ['says nothing', '', undefined],
    ['sends headers for ever', 'HTTP/1.1 200 OK\r\n', 'x-more: x\r\n'],
  ])('a proxy that %s ends by the deadline', async (_, bytes, more) => {
    const env = {
      NEZHA_DASHBOARD_URL: 'https://panel.test',
      NEZHA_TOKEN: 'x',
      HTTPS_PROXY: await answering(bytes, more),
    }
    const outcome = await binary(nezha, {env})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(outcome.stderr).toContain('no answer within 0.5 s')
  })

  test('headers without end from a proxy end by their size, long before the time is over', async () => {
    const HTTPS_PROXY = await answering('HTTP/1.1 200 OK\r\n', `x-more: ${'x'.repeat(65_536)}\r\n`)
    const env = {NEZHA_DASHBOARD_URL: 'https://panel.test', NEZHA_TOKEN: 'x', HTTPS_PROXY}
    const outcome = await binary(['nezha', 'server', 'list', '--timeout', '10m', '--retries', '0'], {env})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(outcome.stderr).toContain('answers with something that is not HTTP')
  })

  test('a proxy that does not speak HTTP is named for it', async () => {
    const HTTPS_PROXY = await answering('HTTP/1.1 abc\r\n\r\n')
    const env = {NEZHA_DASHBOARD_URL: 'https://panel.test', NEZHA_TOKEN: 'x', HTTPS_PROXY}
    const outcome = await binary(nezha, {env})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    expect(outcome.stderr).toContain('answers with something that is not HTTP')
  })

  test('an answer that is too large to be read is given up, and said to be', async () => {
    const {url} = await serve(blanks(410))
    const outcome = await binary(['nezha', 'server', 'list', '--retries', '0'], {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'x'},
    })
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(outcome.stderr).toContain('with more than 400 MiB')
  })

  test('answers that come at once are no larger together, and said to be', async () => {
    const {url} = await serve(blanks(250, () => {}))
    const over = new AbortController()
    onTestFinished(() => over.abort())
    const target = {url, credential: async () => undefined, caFile: undefined, insecure: false}
    const acceptedRisks = {insecure: false, plainHttp: false}
    const options = {timeout: undefined, retries: 0, dryRun: false, userAgent: 'test', warn: () => {}}
    const client = createClient(async () => ({...target, acceptedRisks}), {...options, signal: over.signal})
    const both = [client.call(listServers, {query: {}}), client.call(listServers, {query: {}})]
    void Promise.allSettled(both)
    await expect(Promise.race(both)).rejects.toThrow('with more than 400 MiB, together with others')
  })

  test('a small body that grows to fill memory ends at a multiple of its size', async () => {
    const bomb = gzipSync(Buffer.alloc(96 * 1024 * 1024, ' '))
    const {url} = await serve((_request, response) => {
      response.writeHead(200, {'content-type': 'application/json', 'content-encoding': 'gzip'}).end(bomb)
    })
    const outcome = await binary(['nezha', 'server', 'list', '--retries', '0'], {
      env: {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: 'x'},
    })
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(outcome.stderr).toContain('grows to more than 200 times its size')
  })
})
