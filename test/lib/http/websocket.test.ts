import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import type {AddressInfo} from 'node:net'
import {createServer} from 'node:net'
import {afterEach, describe, expect, onTestFinished, test} from 'vitest'
import type {WebSocket} from 'ws'
import {PanelctlError} from '../../../src/lib/errors.js'
import {openSocket, type PanelSocket, type SocketOptions} from '../../../src/lib/http/websocket.js'
import {komari} from '../../../src/lib/panels/komari/panel.js'
import {type KomariServer, komariServer, refused} from '../../contract/komari-answers.js'
import {komariSandbox} from '../../harness.js'
import {serve, tlsFixtures} from '../../process/serve.js'
import {startProxy} from '../../process/start-proxy.js'

function optionsFor(url: string, more: Partial<SocketOptions> = {}): SocketOptions {
  const address = new URL('/api/clients', url)
  return {
    call: {
      panel: komari,
      method: 'GET',
      path: '/api/clients',
      host: address.host,
      writes: false,
      lookWith: undefined,
    },
    url: address,
    headers: {},
    shownHeaders: {},
    secretsSeen: new Set(),
    credential: undefined,
    tls: {rejectUnauthorized: true},
    timeout: 5000,
    signal: new AbortController().signal,
    ...more,
  }
}

async function open(url: string, more: Partial<SocketOptions> = {}): Promise<PanelSocket> {
  const socket = await openSocket(optionsFor(url, more))
  onTestFinished(socket.close)
  return socket
}

async function failure(promise: Promise<unknown>): Promise<PanelctlError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof PanelctlError) return error
  throw error ?? new Error('it did not fail')
}

async function echo(protocol: 'http' | 'https' = 'http'): Promise<KomariServer> {
  const server = await komariServer({}, protocol)
  server.feed = question => JSON.stringify({question})
  return server
}

/** The one connection of a server. */
function connection(server: KomariServer): WebSocket {
  const [socket] = server.sockets
  if (!socket) throw new Error('nobody is connected')
  return socket
}

describe('a WebSocket', () => {
  test('answers each frame with one', async () => {
    const server = await echo()
    const socket = await open(server.url)
    expect(await socket.ask('get')).toMatchObject({status: 200, json: {question: 'get'}, method: 'GET'})
    expect(await socket.ask('again')).toMatchObject({json: {question: 'again'}})
    expect(server.handshakes).toHaveLength(1)
  })

  test('carries the headers, the origin of the panel, and no offer to compress', async () => {
    const server = await echo()
    await open(server.url, {headers: {cookie: 'session_token=x', 'user-agent': 'panelctl/1'}})
    expect(server.handshakes[0]).toMatchObject({
      url: '/api/clients',
      headers: {cookie: 'session_token=x', 'user-agent': 'panelctl/1', origin: server.url},
    })
    expect(server.handshakes[0]?.headers).not.toHaveProperty('sec-websocket-extensions')
  })

  test('overhears what it did not ask for', async () => {
    const server = await echo()
    const socket = await open(server.url)
    connection(server).send('{"unasked":true}')
    // Whatever order they arrive in, an answer is to a question.
    connection(server).ping()
    await once(connection(server), 'pong')
    expect(await socket.ask('get')).toMatchObject({json: {question: 'get'}})
  })

  test.each([
    [401, 4, 'Unauthorized.'],
    [404, 10, 'Not found in install mode'],
    [404, 3, 'no'],
    [400, 10, 'Require WebSocket upgrade'],
    [400, 5, 'no'],
    [503, 6, 'busy'],
  ])('that is refused with HTTP %i is exit %i: %s', async (status, exitCode, message) => {
    const server = await echo()
    server.refusal = refused(status, message)
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({exitCode, status})
  })

  test('that a page answers is exit 10', async () => {
    const server = await echo()
    server.refusal = {status: 200, text: '<html>hello</html>', type: 'text/html'}
    const error = await failure(openSocket(optionsFor(server.url)))
    expect(error).toMatchObject({exitCode: 10, message: expect.stringContaining('hello')})
    server.refusal = {status: 200, json: {status: 'success', message: ''}}
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('and lets no WebSocket through'),
      hint: expect.stringContaining('Upgrade and Connection'),
    })
    server.refusal = {status: 403, text: '<title>403 Forbidden</title>', type: 'text/html'}
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({
      exitCode: 10,
      hint: expect.stringContaining("let panelctl's requests pass there"),
    })
  })

  test.each([
    [
      'https://panel.test/api/clients',
      /a redirect to https:\/\/panel\.test /,
      /--url https:\/\/panel\.test$/,
    ],
    ['/login', /a redirect to \/login/, /^is that a login\? /],
  ])(
    'that is redirected to %s says so, and not that a proxy cuts WebSockets',
    async (location, message, hint) => {
      const server = await serve((_request, response) => {
        response.writeHead(301, {location}).end()
      })
      expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({
        exitCode: 10,
        status: 301,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      })
    },
  )

  test('to where nothing listens is exit 6', async () => {
    expect(await failure(openSocket(optionsFor('http://127.0.0.1:1')))).toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('nothing listens there'),
    })
  })

  test('that nobody answers runs out of time, at the handshake and later', async () => {
    const silent = createServer(() => {})
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => {
      silent.close()
    })
    const {port} = silent.address() as AddressInfo
    // On a busy machine the handshake of the other takes its time, too.
    const late = {exitCode: 6, message: expect.stringContaining('no answer within 0.5 s')}
    expect(await failure(openSocket(optionsFor(`http://127.0.0.1:${port}`, {timeout: 500})))).toMatchObject(
      late,
    )
    const server = await komariServer()
    const socket = await open(server.url, {timeout: 500})
    expect(await failure(socket.ask('get'))).toMatchObject(late)
    expect(await failure(socket.ask('get'))).toMatchObject(late)
  })

  test('that ends without a Close frame is exit 6, now and for what is asked later', async () => {
    const server = await komariServer()
    const socket = await open(server.url)
    server.feed = (_question, own) => {
      own.terminate()
      return undefined
    }
    const cut = {exitCode: 6, message: expect.stringContaining('the connection was cut')}
    expect(await failure(socket.ask('get'))).toMatchObject(cut)
    expect(await failure(socket.ask('get'))).toMatchObject(cut)
  })

  test('that the panel closes for its policy is exit 5, in its words', async () => {
    const server = await komariServer()
    const socket = await open(server.url)
    server.feed = (_question, own) => {
      own.close(1008, 'not you')
      return undefined
    }
    expect(await failure(socket.ask('get'))).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('not you'),
    })
  })

  test('with a frame that is no JSON is exit 10', async () => {
    const server = await komariServer()
    server.feed = () => 'pong'
    const socket = await open(server.url)
    expect(await failure(socket.ask('get'))).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('a frame that is no JSON: pong'),
    })
  })

  test('pings, and lives as long as it is answered', async () => {
    const server = await echo()
    const socket = await open(server.url, {pingEvery: 100})
    let pings = 0
    await new Promise<void>(resolve => {
      connection(server).on('ping', () => {
        pings += 1
        if (pings === 4) resolve()
      })
    })
    expect(await socket.ask('get')).toMatchObject({json: {question: 'get'}})
  })

  test('lives as long as frames come, of a panel that reads no pings', async () => {
    const server = await echo()
    const socket = await open(server.url, {pingEvery: 100})
    const panel = connection(server)
    // Nezha sends its frames and reads nothing.
    panel.pong = () => {}
    let pings = 0
    await new Promise<void>((resolve, reject) => {
      panel.on('close', () => reject(new Error(`it is closed after ${pings} pings`)))
      panel.on('ping', () => {
        pings += 1
        panel.send(JSON.stringify({pings}), () => pings === 4 && resolve())
      })
    })
    expect(await socket.ask(undefined)).toMatchObject({status: 200})
  })

  test('takes its own pause for no pause of the panel', async () => {
    const server = await echo()
    const socket = await open(server.url, {pingEvery: 300})
    await new Promise<void>(resolve => {
      connection(server).once('ping', () => setImmediate(resolve))
    })
    // As after Ctrl-Z and fg: the answer is here, and so is the time for the next ping.
    const until = performance.now() + 400
    while (performance.now() < until);
    expect(await socket.ask('get')).toMatchObject({json: {question: 'get'}})
  })

  test('gives up where pings are not answered', async () => {
    const server = await echo()
    const socket = await open(server.url, {pingEvery: 5})
    server.feed = () => undefined
    // Neither reads nor answers any more, as behind a network that is gone.
    connection(server).pause()
    expect(await failure(socket.ask('get'))).toMatchObject({exitCode: 6})
  })

  test('gives up where a peer answers neither frames nor pings, and where half a frame comes', async () => {
    const panel = await komariSandbox()
    panel.socketFaults.next({kind: 'mute'}, {after: 1})
    const mute = await open(panel.url, {pingEvery: 300})
    expect(await mute.ask('get')).toMatchObject({status: 200})
    expect(await failure(mute.ask('get'))).toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('the connection was cut'),
    })
    panel.socketFaults.next({kind: 'half-frame'})
    const half = await open(panel.url, {timeout: 500})
    expect(await failure(half.ask('get'))).toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('no answer within 0.5 s'),
    })
  })

  test('ends with the signal, with its reason', async () => {
    const server = await komariServer()
    const interruption = new AbortController()
    const socket = await open(server.url, {signal: interruption.signal})
    const asked = socket.ask('get')
    const reason = new Error('interrupted')
    interruption.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await expect(openSocket(optionsFor(server.url, {signal: interruption.signal}))).rejects.toBe(reason)
  })

  test('closes with 1000', async () => {
    const server = await echo()
    const socket = await open(server.url)
    const closed = once(connection(server), 'close')
    socket.close()
    expect((await closed)[0]).toBe(1000)
  })

  test('says on --debug what it does, without secrets', async () => {
    const server = await echo()
    const lines: string[] = []
    await open(server.url, {
      headers: {authorization: 'Bearer secret'},
      debug: line => {
        lines.push(line)
      },
    })
    expect(lines.join('\n')).toMatch(
      /^headers .*"origin":"http.*\nWebSocket ws:\/\/127.*→ open after \d+ ms$/,
    )
    expect(lines.join('\n')).not.toContain('secret')
  })
})

describe('over TLS', () => {
  test('trusts a CA of its own, and nobody else', async () => {
    const server = await echo('https')
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({
      exitCode: 6,
      hint: expect.stringContaining('--ca-file'),
    })
    const ca = [readFileSync(tlsFixtures.caFile, 'utf8')]
    const socket = await open(server.url, {tls: {rejectUnauthorized: true, ca}})
    expect(await socket.ask('get')).toMatchObject({json: {question: 'get'}})
    await open(server.url, {tls: {rejectUnauthorized: false}})
    expect(server.handshakes.map(({headers}) => headers.origin)).toEqual([server.url, server.url])
  })
})

describe('through a proxy', () => {
  afterEach(() => {
    delete process.env.HTTP_PROXY
    delete process.env.HTTPS_PROXY
  })

  test('is a tunnel, and Origin and Host leave out a default port', async () => {
    const server = await echo()
    const proxy = await startProxy({port: server.port})
    process.env.HTTP_PROXY = proxy.url
    for (const url of ['http://panel.example', 'http://panel.example:80', 'http://panel.example:8080']) {
      const socket = await open(url)
      expect(await socket.ask('get')).toMatchObject({json: {question: 'get'}})
    }
    expect(proxy.asked).toEqual([
      'CONNECT panel.example:80',
      'CONNECT panel.example:80',
      'CONNECT panel.example:8080',
    ])
    expect(server.handshakes.map(({headers: {origin, host}}) => [origin, host])).toEqual([
      ['http://panel.example', 'panel.example'],
      ['http://panel.example', 'panel.example'],
      ['http://panel.example:8080', 'panel.example:8080'],
    ])
  })

  test('is encrypted to the panel', async () => {
    const server = await echo('https')
    const proxy = await startProxy({port: server.port})
    process.env.HTTPS_PROXY = proxy.url
    const ca = [readFileSync(tlsFixtures.caFile, 'utf8')]
    const socket = await open(`https://localhost:${server.port}`, {tls: {rejectUnauthorized: true, ca}})
    expect(await socket.ask('get')).toMatchObject({json: {question: 'get'}})
    expect(proxy.asked).toEqual([`CONNECT localhost:${server.port}`])
  })

  test.each([403, 404, 502, 503])(
    'that refuses the tunnel with HTTP %i is exit 6, and named',
    async status => {
      const server = await echo()
      const proxy = await startProxy({port: server.port, refuses: status})
      process.env.HTTP_PROXY = proxy.url
      const error = await failure(openSocket(optionsFor(server.url)))
      expect(error).toMatchObject({exitCode: 6, status, hint: expect.stringContaining('NO_PROXY=127.0.0.1')})
      expect(error.message).toBe(
        `the proxy 127.0.0.1:${proxy.port} on the way to Komari at 127.0.0.1:${server.port} refused to connect there (HTTP ${status})`,
      )
      expect(server.handshakes).toEqual([])
    },
  )

  test('that wants a password is exit 4, and one that is not there exit 6', async () => {
    const server = await echo()
    const proxy = await startProxy({port: server.port, credentials: 'me:pw'})
    process.env.HTTP_PROXY = proxy.url
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({exitCode: 4, status: 407})
    process.env.HTTP_PROXY = proxy.url.replace('//', '//me:pw@')
    await open(server.url)
    process.env.HTTP_PROXY = 'http://127.0.0.1:1'
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({
      exitCode: 6,
      message: expect.stringContaining('cannot reach the proxy 127.0.0.1:1'),
    })
    process.env.HTTP_PROXY = 'socks5://127.0.0.1:1'
    expect(await failure(openSocket(optionsFor(server.url)))).toMatchObject({exitCode: 2})
  })
})
