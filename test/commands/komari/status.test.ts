import {createHash} from 'node:crypto'
import {createServer, request as httpRequest} from 'node:http'
import type {Duplex} from 'node:stream'
import {describe, expect, onTestFinished, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {parseInstant} from '../../../src/lib/sandbox/komari/instant.js'
import type {KomariSandbox} from '../../emulated.js'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, komariSandbox} from '../../harness.js'
import type {SocketFault} from '../../socket-faults.js'
import {db1, db1Uuid, metrics, web1, web1Uuid} from './world.js'

/** Follows until what is written says that it is enough. */
async function followed(
  line: string,
  options: CliOptions,
  enough: (text: string, stream: 'stdout' | 'stderr') => boolean,
) {
  const interruption = new AbortController()
  return cli(`komari node status --follow --interval 1ms ${line}`, {
    ...options,
    signal: interruption.signal,
    written: (text, stream) => {
      if (enough(text, stream)) interruption.abort(new Interrupted(130))
    },
  })
}

const two = () => komariSandbox({nodes: [web1, db1]})

/** Another answer to what is asked of nodes; who we are is answered as ever. */
function rpcChange(answer: unknown, other: unknown): unknown {
  return JSON.stringify(answer).includes('logged_in') ? answer : other
}

function lines(text: string): number {
  return text.split('\n').length - 1
}

/** How often somebody asked for a WebSocket. */
function handshakes(sandbox: KomariSandbox): number {
  return paths(sandbox).filter(path => path === 'GET /api/clients').length
}

describe('komari node status', () => {
  test('prints what the nodes report now', async () => {
    const sandbox = await komariSandbox({
      nodes: [
        {...web1, state: 'never'},
        {...db1, state: 'never'},
      ],
    })
    for (const uuid of [web1Uuid, db1Uuid]) {
      sandbox.state.report(uuid, metrics, parseInstant('2026-11-21T11:59:58.5Z'))
    }
    expect(await cli('komari node status', {env: sandbox.environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'NAME  STATE      CPU  MEMORY    DISK  LOAD     NET IN    NET OUT  UPTIME  LAST REPORT',
        'web1  online  12.5 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s     20d  1s ago',
        'db1   online  12.5 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s     20d  1s ago',
        '',
      ].join('\n'),
    })
    expect(handshakes(sandbox)).toBe(1)
  })

  test('prints only those named, in every format', async () => {
    const {environment: env} = await two()
    expect((await cli('komari node status db1 26a0fc67 -o id', {env})).stdout).toBe(
      `${web1Uuid}\n${db1Uuid}\n`,
    )
    expect(JSON.parse((await cli('komari node status db1 -o json', {env})).stdout)).toEqual([
      {uuid: db1Uuid, name: 'db1', online: true, ...metrics, updated_at: '2026-11-21T12:00:00Z'},
    ])
    expect((await cli('komari node status --columns name,cpu -o csv --sort name', {env})).stdout).toBe(
      'name,cpu\ndb1,12.5\nweb1,12.5\n',
    )
    expect(await cli('komari node status db1 mars', {env})).toMatchObject({exitCode: 3, stdout: ''})
  })

  test('knows offline ones, those that never reported, and hidden ones with a session and with a key', async () => {
    const sandbox = await komariSandbox({
      nodes: [
        {...web1, state: 'offline', offlineMinutes: 10},
        {...db1, state: 'never'},
        {...web1, uuid: '11111111-1111-4111-8111-111111111111', name: 'db2', weight: 2, hidden: true},
      ],
    })
    const line = 'komari node status --columns name,state,last_report --no-header'
    const key = await cli(line, {env: sandbox.environment})
    expect(key).toEqual({
      exitCode: 0,
      stdout: 'web1  offline  10m ago\ndb1   unknown  -\ndb2   online   0s ago\n',
      stderr: '',
    })
    const env = {KOMARI_URL: sandbox.url, KOMARI_SESSION_TOKEN: sandbox.session}
    expect((await cli(line, {env})).stdout).toContain('db2   online   0s ago\n')
  })

  test('does without RPC2 where what stands before the panel lets the feed alone pass', async () => {
    const hidden = {...db1, hidden: true}
    const {environment: env, faults} = await komariSandbox({nodes: [web1, hidden]})
    faults.next({kind: 'status', status: 403, body: '{"message":"blocked"}'}, {path: '/api/rpc2', times: 9})
    expect(await cli('komari node status --columns name,state --no-header', {env})).toEqual({
      exitCode: 0,
      stdout: 'web1  online\ndb1   unknown\n',
      stderr: expect.stringMatching(
        /^the live feed shows hidden nodes to a session only, not to an API key: db1; asked over RPC2, .* HTTP 403 .*blocked/,
      ),
    })
  })

  test('says in the words of the panel why hidden nodes are unknown, where it has the method and fails', async () => {
    const sandbox = await komariSandbox({nodes: [web1, {...db1, hidden: true}]})
    const {environment: env, faults} = sandbox
    const locked = {jsonrpc: '2.0', id: 1, error: {code: -32603, message: 'database is locked'}}
    faults.next(
      {kind: 'wrong-types', change: answer => rpcChange(answer, locked)},
      {path: '/api/rpc2', times: 9},
    )
    const {stderr, stdout} = await cli('komari node status --columns name,state --no-header', {env})
    expect(stdout).toBe('web1  online\ndb1   unknown\n')
    expect(stderr).toMatch(
      /API key: db1; asked over RPC2, Komari at \S+ refused the call: database is locked \(-32603\)\n$/,
    )
  })

  test.each<SocketFault>([{kind: 'drop'}, {kind: 'reset'}, {kind: 'bad-frame'}])(
    'is asked again after a $kind',
    async fault => {
      const sandbox = await two()
      sandbox.socketFaults.next(fault)
      const {environment: env} = sandbox
      expect(await cli('komari node status', {env})).toMatchObject({exitCode: 0, stderr: ''})
      expect(handshakes(sandbox)).toBe(2)
      const old = await komariSandbox({nodes: [web1], profile: '1.0.3'})
      old.socketFaults.next(fault)
      const outcome = await cli('komari node status --retries 0', {env: old.environment})
      expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
      expect(outcome.stderr).toContain('no WebSocket comes about (GET /api/clients)')
      expect(outcome.stderr).not.toContain('https://')
    },
  )

  test.each<SocketFault>([{kind: 'silent'}, {kind: 'mute'}, {kind: 'half-frame'}])(
    'gives up on a $kind peer, at once where there is no RPC2, and else asks that',
    async fault => {
      const old = await komariSandbox({nodes: [web1], profile: '1.0.3'})
      old.socketFaults.next(fault)
      const line = 'komari node status --timeout 1s -o json'
      const failed = await cli(line, {env: old.environment})
      expect(failed).toMatchObject({exitCode: 6, stdout: ''})
      expect(failureOf(failed).message).toContain('no answer within')
      expect(failed.stderr).not.toContain('--timeout')
      expect(handshakes(old)).toBe(1)
      const {environment: env, socketFaults} = await two()
      socketFaults.next(fault)
      const outcome = await cli(line, {env})
      expect(JSON.parse(outcome.stdout)[0]).toMatchObject({name: 'web1', online: true})
      expect(outcome.stderr).toMatch(/no answer within 0\.5 s; asked over RPC2 instead"}\n$/)
    },
  )

  test('does not repeat what is refused, or of another shape', async () => {
    const sandbox = await two()
    const {environment: env, socketFaults} = sandbox
    socketFaults.next({kind: 'close', code: 1008, reason: 'a plugin says no'})
    const refused = await cli('komari node status -o json', {env})
    expect(failureOf(refused)).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('plugin says no'),
    })
    for (const kind of ['wrong-types', 'bad-json'] as const) {
      socketFaults.next({kind})
      const outcome = await cli('komari node status -o json', {env})
      expect(failureOf(outcome)).toMatchObject({exitCode: 10})
    }
    expect(handshakes(sandbox)).toBe(3)
  })
})

describe('komari node status --follow', () => {
  test.each(['', '-o json', '-o ndjson'])('prints one array a line in a pipe: %s', async format => {
    const sandbox = await two()
    const {stdout, exitCode} = await followed(format, {env: sandbox.environment}, text => lines(text) === 3)
    expect(exitCode).toBe(130)
    expect(stdout.endsWith('\n')).toBe(true)
    for (const line of stdout.trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject([{name: 'web1', online: true}, {name: 'db1'}])
    }
    expect(paths(sandbox).filter(path => path !== 'POST /api/rpc2')).toEqual([
      'GET /api/nodes',
      'GET /api/admin/client/list',
      'GET /api/clients',
    ])
  })

  test('redraws a table on a terminal', async () => {
    const {environment: env} = await komariSandbox({nodes: [web1]})
    const clear = '\u001b[H\u001b[2J'
    const drawn = `${clear}NAME  STATE\nweb1  online\n`
    const outcome = await followed(
      '--columns name,state --no-color',
      {env, tty: {stdout: true}},
      text => text.split(clear).length > 2,
    )
    expect(outcome).toEqual({exitCode: 130, stderr: '', stdout: `${drawn}${drawn}`})
  })

  test('loses nothing but the gap where the panel is killed and started again', async () => {
    const sandbox = await komariSandbox({nodes: [web1]})
    let restart: Promise<void> | undefined
    const outcome = await followed('-o ndjson', {env: sandbox.environment}, (text, stream) => {
      if (stream === 'stdout' && lines(text) === 2) restart ??= sandbox.restart()
      return stream === 'stdout' && handshakes(sandbox) > 1
    })
    await restart
    expect(outcome.exitCode).toBe(130)
    expect(outcome.stderr.split('\n')).toEqual([
      expect.stringContaining('connecting again'),
      '{"note":"connected again"}',
      '',
    ])
    for (const line of outcome.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveLength(1)
  })

  test.each<SocketFault>([{kind: 'mute'}, {kind: 'half-frame'}])(
    'connects again after a $kind peer',
    async fault => {
      const sandbox = await komariSandbox({nodes: [web1]})
      sandbox.socketFaults.next(fault, {after: 2})
      const outcome = await followed(
        '-o ndjson --timeout 200ms',
        {env: sandbox.environment},
        (text, stream) => stream === 'stdout' && lines(text) === 4,
      )
      expect(outcome.exitCode).toBe(130)
      expect(outcome.stderr).toContain('no answer within')
      expect(handshakes(sandbox)).toBeGreaterThan(1)
      for (const line of outcome.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveLength(1)
    },
  )

  test('asks for the nodes again where a new one comes up, and not for each ghost', async () => {
    const sandbox = await komariSandbox({nodes: [web1, {...web1, uuid: db1Uuid, name: 'ghost'}]})
    const {state, environment: env} = sandbox
    // The feed goes on showing a node that was deleted (contracts/komari.md 1.11).
    state.remove(db1Uuid)
    let seconds = 0
    const {stdout} = await followed(
      '-o ndjson',
      {env, now: () => new Date(Date.UTC(2026, 10, 21, 12, 0, seconds))},
      text => {
        seconds += 2
        const uuid = '11111111-1111-4111-8111-111111111111'
        if (lines(text) === 1) {
          state.add({uuid, name: 'new'})
          state.report(uuid, metrics)
        }
        return lines(text) === 4
      },
    )
    const counts = stdout.trimEnd().split('\n')
    expect(counts.map(line => JSON.parse(line).length)).toEqual([1, 2, 2, 2])
    expect(paths(sandbox).filter(path => path === 'GET /api/nodes').length).toBe(3)
  })

  test('sees nodes that are renamed and deleted, and keeps to the node that was named', async () => {
    const sandbox = await two()
    const {state, environment: env} = sandbox
    for (const [reference, ends] of [
      ['', [['web1', 'db1'], ['first', 'db1'], ['first']]],
      ['first', [['first'], ['web1'], ['web1']]],
    ] as const) {
      let minutes = 0
      const {stdout} = await followed(
        `${reference} -o ndjson`,
        {env, now: () => new Date(Date.UTC(2026, 10, 21, 12, minutes))},
        text => {
          minutes += 1
          const node = state.nodes.get(web1Uuid)
          if (lines(text) === 1 && node)
            Object.assign(node.columns, {name: reference === '' ? 'first' : 'web1'})
          if (lines(text) === 2) state.remove(db1Uuid)
          return lines(text) === 3
        },
      )
      const shown = stdout.trimEnd().split('\n')
      const names = shown.map(line => JSON.parse(line).map(({name}: {name: string}) => name))
      expect(names).toEqual(ends)
    }
  })

  test('ends at once with a panel that is not there', async () => {
    const sandbox = await two()
    await sandbox.stop()
    const {environment: env} = sandbox
    const outcome = await cli('komari node status --follow -o ndjson --retries 0', {env})
    expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
    await sandbox.resume()
  })

  test('ends at once with a private site, and where it becomes one on the way', async () => {
    const sandbox = await two()
    const env = {KOMARI_URL: sandbox.url}
    const outcome = await followed('-o ndjson', {env}, () => {
      sandbox.state.settings.private_site = true
      sandbox.sockets.drop()
      return false
    })
    expect(outcome.exitCode).toBe(4)
    expect(lines(outcome.stdout)).toBeGreaterThan(0)
    expect(await cli('komari node status --follow -o ndjson', {env})).toMatchObject({exitCode: 4, stdout: ''})
  })

  test.each(['-o yaml', '-o csv', '-o id', '--columns name', '--no-header', '--columns x'])(
    'refuses %s before any request',
    async flags => {
      const sandbox = await two()
      const outcome = await cli(`komari node status --follow ${flags}`, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
      expect(paths(sandbox)).toEqual([])
    },
  )
})

describe('behind a proxy that passes no WebSocket on', () => {
  /** Hands everything on, the upgrade as an ordinary request; or answers that itself. */
  async function proxied(
    sandbox: KomariSandbox,
    page?: {readonly status: number; readonly type: string; readonly body: string},
    upgrade?: (socket: Duplex, key: string) => void,
  ): Promise<Record<string, string>> {
    const target = new URL(sandbox.url)
    const proxy = createServer((request, response) => {
      const {upgrade: _upgrade, connection: _connection, ...headers} = request.headers
      const {method, url} = request
      if (page && url === '/api/clients') {
        response.writeHead(page.status, {'content-type': page.type}).end(page.body)
        return
      }
      const onwards = httpRequest({host: target.hostname, port: target.port, method, path: url, headers})
      onwards.on('response', answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      request.pipe(onwards)
    })
    if (upgrade) {
      proxy.on('upgrade', ({headers}, socket) => {
        socket.on('error', () => {})
        upgrade(socket, headers['sec-websocket-key'] ?? '')
        onTestFinished(() => void socket.destroy())
      })
    }
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const address = proxy.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return {...sandbox.environment, KOMARI_URL: `http://127.0.0.1:${port}`}
  }

  test('asks RPC2 instead, and says so once', async () => {
    const sandbox = await two()
    const env = await proxied(sandbox)
    const direct = await cli('komari node status -o json', {env: sandbox.environment})
    const {message, ...report} = metrics
    expect(JSON.parse(direct.stdout)[0]).toMatchObject({name: 'web1', ...report, message})
    const outcome = await cli('komari node status -o json', {env})
    expect(outcome.exitCode).toBe(0)
    expect(JSON.parse(outcome.stdout)[0]).toMatchObject({name: 'web1', online: true, ...report})
    expect(outcome.stderr).toMatch(/lets no WebSocket through.*; asked over RPC2 instead"}\n$/)
    const watched = await followed('-o ndjson', {env}, text => lines(text) === 3)
    expect(watched.exitCode).toBe(130)
    expect(watched.stderr.split('asked over RPC2').length).toBe(2)
  })

  test.each([
    [200, 'text/html', '<html><title>Welcome</title></html>'],
    [400, 'text/plain', 'Bad Request'],
    [403, 'text/html', '<html><title>403 Forbidden</title></html>'],
    [404, 'text/html', '<html><title>404 Not Found</title></html>'],
    [501, 'text/html', '<html><title>501 Not Implemented</title></html>'],
  ])('takes a page with HTTP %i for the proxy, not the panel, and asks RPC2', async (status, type, body) => {
    const sandbox = await two()
    const env = await proxied(sandbox, {status, type, body})
    const outcome = await cli('komari node status -o json --retries 0', {env})
    expect(JSON.parse(outcome.stdout)[0]).toMatchObject({name: 'web1', online: true})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toContain('what stands before Komari')
    expect(outcome.stderr).toContain('asked over RPC2 instead')
  })

  const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
  const acceptOf = (key: string) =>
    createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const plain = (status: string, header = '') =>
    `HTTP/1.1 ${status}\r\n${header}Content-Type: text/html\r\nContent-Length: 2\r\n\r\nno`

  test.each<[string, (socket: Duplex, key: string) => void]>([
    ['a connection that is cut', socket => void socket.destroy()],
    ['no answer', () => {}],
    ['HTTP 502', socket => void socket.end(plain('502 Bad Gateway'))],
    [
      'a redirect',
      socket => void socket.end(plain('301 Moved', 'Location: https://127.0.0.1/api/clients\r\n')),
    ],
    ['something that is not HTTP', socket => void socket.end('hello\r\n')],
    ['another key', socket => void socket.write(`${switching}Sec-WebSocket-Accept: AAAA\r\n\r\n`)],
    [
      'a WebSocket on which nothing comes',
      (socket, key) => void socket.write(`${switching}Sec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`),
    ],
    [
      'a WebSocket that is cut at once',
      (socket, key) => void socket.end(`${switching}Sec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`),
    ],
  ])('asks RPC2 where the handshake comes to %s', async (_, upgrade) => {
    const sandbox = await two()
    const env = await proxied(sandbox, undefined, upgrade)
    const outcome = await cli('komari node status -o json --timeout 3s --retries 0', {env})
    expect(JSON.parse(outcome.stdout)[0]).toMatchObject({name: 'web1', online: true})
    expect(outcome.stderr).toMatch(/^{"note":".*WebSocket.*; asked over RPC2 instead"}\n$/)
    const watched = await followed('-o ndjson --timeout 3s', {env}, text => lines(text) === 2)
    expect(watched.stderr.split('asked over RPC2').length).toBe(2)
    const old = await proxied(await komariSandbox({nodes: [web1], profile: '1.0.3'}), undefined, upgrade)
    const failed = await cli('komari node status --timeout 3s --retries 0', {env: old})
    expect([6, 10]).toContain(failed.exitCode)
    expect(failed.stderr).toContain('WebSocket')
    expect(failed.stderr).not.toMatch(/try https|--timeout/)
  })

  test('makes up no figure that RPC2 of Komari 1.0.7 does not tell', async () => {
    const sandbox = await two()
    sandbox.faults.next(
      {
        kind: 'wrong-types',
        change: answer =>
          rpcChange(
            answer,
            JSON.parse(JSON.stringify(answer).replaceAll(/"(uptime|load5|load15)":[\d.]+,?/g, '')),
          ),
      },
      {path: '/api/rpc2', times: 9},
    )
    const env = await proxied(sandbox)
    expect((await cli('komari node status web1 --columns uptime --no-header', {env})).stdout).toBe('-\n')
    expect(JSON.parse((await cli('komari node status web1 -o json', {env})).stdout)).toMatchObject([
      {online: true, uptime: null, load: {load1: expect.any(Number), load5: null, load15: null}},
    ])
  })

  test('ends with what the panel refuses, where RPC2 is there', async () => {
    const sandbox = await two()
    const locked = {jsonrpc: '2.0', id: 1, error: {code: -32603, message: 'database is locked'}}
    sandbox.faults.next(
      {kind: 'wrong-types', change: answer => rpcChange(answer, locked)},
      {path: '/api/rpc2', times: 9},
    )
    const outcome = await cli('komari node status -o json', {env: await proxied(sandbox)})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('database is locked'),
    })
  })

  test('says what is the matter where the panel has no RPC2', async () => {
    const sandbox = await komariSandbox({nodes: [web1], profile: '1.0.3'})
    const outcome = await cli('komari node status', {env: await proxied(sandbox)})
    expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
    expect(outcome.stderr).toContain('hint: a proxy has to pass on the headers Upgrade and Connection')
  })
})
