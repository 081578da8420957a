import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli} from '../../harness.js'
import {
  frame,
  type KomariServer,
  node,
  nodesServer,
  otherUuid,
  refused,
  report,
  success,
} from '../../komari-server.js'

const web1 = node()
const db1 = node({uuid: otherUuid, name: 'db1', weight: 1})

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

function lines(text: string): number {
  return text.split('\n').length - 1
}

describe('komari node status', () => {
  test('prints what the nodes report now', async () => {
    const server = await nodesServer([web1, db1])
    expect(await cli('komari node status', {env: server.environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'NAME  STATE      CPU  MEMORY    DISK  LOAD     NET IN    NET OUT  UPTIME  LAST REPORT',
        'web1  online  12.5 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s     20d  1s ago',
        'db1   online  12.5 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s     20d  1s ago',
        '',
      ].join('\n'),
    })
    expect(server.handshakes).toHaveLength(1)
  })

  test('prints only those named, in every format', async () => {
    const {environment: env} = await nodesServer([web1, db1])
    expect((await cli('komari node status db1 26a0fc67 -o id', {env})).stdout).toBe(
      `${web1.uuid}\n${db1.uuid}\n`,
    )
    expect(JSON.parse((await cli('komari node status db1 -o json', {env})).stdout)).toEqual([
      {uuid: db1.uuid, name: 'db1', online: true, ...report()},
    ])
    expect((await cli('komari node status --columns name,cpu -o csv --sort name', {env})).stdout).toBe(
      'name,cpu\ndb1,12.5\nweb1,12.5\n',
    )
    expect(await cli('komari node status db1 mars', {env})).toMatchObject({exitCode: 3, stdout: ''})
  })

  test('repeats what fails on the way, and not what is refused', async () => {
    const server = await nodesServer([web1])
    const {feed} = server
    let asked = 0
    server.feed = (question, socket) => {
      asked += 1
      if (asked > 1) return feed(question, socket)
      socket.terminate()
      return undefined
    }
    expect(await cli('komari node status', {env: server.environment})).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    expect(server.handshakes).toHaveLength(2)
    asked = 0
    expect(await cli('komari node status --retries 0', {env: server.environment})).toMatchObject({
      exitCode: 6,
    })
    server.handshakes.length = 0
    server.feed = () => '{"error":"Invalid message","status":"error"}\n'
    expect(await cli('komari node status', {env: server.environment})).toMatchObject({
      exitCode: 5,
      stdout: '',
    })
    server.feed = () => '{"data":{"online":"all"},"status":"success"}\n'
    const outcome = await cli('komari node status -o json', {env: server.environment})
    expect(failureOf(outcome)).toMatchObject({exitCode: 10, message: expect.stringContaining('online')})
    expect(server.handshakes).toHaveLength(2)
  })
})

describe('komari node status --follow', () => {
  test.each(['', '-o json', '-o ndjson'])('prints one array a line in a pipe: %s', async format => {
    const server = await nodesServer([web1, db1])
    const {stdout, exitCode} = await followed(format, {env: server.environment}, text => lines(text) === 3)
    expect(exitCode).toBe(130)
    expect(stdout.endsWith('\n')).toBe(true)
    for (const line of stdout.trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject([{name: 'web1', online: true}, {name: 'db1'}])
    }
    expect(server.handshakes).toHaveLength(1)
    expect(paths(server)).toEqual(['GET /api/nodes'])
  })

  test('redraws a table on a terminal', async () => {
    const server = await nodesServer([web1])
    const clear = '\u001b[H\u001b[2J'
    const drawn = `${clear}NAME  STATE\nweb1  online\n`
    const outcome = await followed(
      '--columns name,state --no-color',
      {env: server.environment, tty: {stdout: true}},
      text => text.split(clear).length > 2,
    )
    expect(outcome).toEqual({exitCode: 130, stderr: '', stdout: `${drawn}${drawn}`})
  })

  test('loses nothing but the gap where the panel is killed and started again', async () => {
    const server = await nodesServer([web1])
    let restart: Promise<void> | undefined
    const outcome = await followed('-o ndjson', {env: server.environment}, (text, stream) => {
      if (stream === 'stdout' && lines(text) === 2) restart ??= server.stop().then(server.start)
      return stream === 'stdout' && server.handshakes.length > 1
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

  test('asks for the nodes again where a new one comes up, and not for each ghost', async () => {
    const server = await nodesServer([web1])
    let minutes = 0
    const clock = () => new Date(Date.UTC(2026, 10, 21, 12, minutes))
    server.feed = () => {
      if (minutes === 2) server.routes['GET /api/nodes'] = success([web1, db1])
      minutes += 2
      return frame([web1.uuid, db1.uuid], {[web1.uuid]: report(), [db1.uuid]: report()})
    }
    const {stdout} = await followed(
      '-o ndjson',
      {env: server.environment, now: clock},
      text => lines(text) === 4,
    )
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).length),
    ).toEqual([1, 2, 2, 2])
    expect(paths(server).length).toBeLessThan(5)
  })

  test.each([
    ['a panel that is not there', 6, (server: KomariServer) => server.stop()],
    [
      'a private site',
      4,
      async (server: KomariServer) => {
        server.refusal = refused(401, 'Private site is enabled, please login first.')
      },
    ],
  ])('ends at once with %s', async (_name, exitCode, prepare) => {
    const server = await nodesServer([web1])
    const env = server.environment
    await prepare(server)
    expect(await cli('komari node status --follow -o ndjson --retries 0', {env})).toMatchObject({
      exitCode,
      stdout: '',
    })
    if (exitCode === 6) await server.start()
  })

  test('ends where the panel refuses on the way', async () => {
    const server = await nodesServer([web1])
    const outcome = await followed('-o ndjson', {env: server.environment}, () => {
      server.refusal = refused(401, 'Private site is enabled, please login first.')
      for (const socket of server.sockets) socket.terminate()
      return false
    })
    expect(outcome.exitCode).toBe(4)
    expect(lines(outcome.stdout)).toBeGreaterThan(0)
  })

  test.each(['-o yaml', '-o csv', '-o id', '--columns name', '--no-header', '--columns x'])(
    'refuses %s before any request',
    async flags => {
      const server = await nodesServer([web1])
      expect(await cli(`komari node status --follow ${flags}`, {env: server.environment})).toMatchObject({
        exitCode: 2,
        stdout: '',
      })
      expect(paths(server)).toEqual([])
    },
  )
})
