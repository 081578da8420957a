import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../../src/lib/command/interrupted.js'
import {parseInstant} from '../../../src/lib/sandbox/komari/instant.js'
import type {KomariSandbox} from '../../../src/lib/sandbox/komari/start.js'
import type {SocketFault} from '../../../src/lib/sandbox/websocket.js'
import {failureOf, paths} from '../../failure.js'
import {type CliOptions, cli, komariSandbox} from '../../harness.js'
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

  test('knows offline ones, those that never reported, and hidden ones with a session only', async () => {
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
      stdout: 'web1  offline  10m ago\ndb1   unknown  -\ndb2   unknown  -\n',
      stderr: 'the live feed shows hidden nodes to a session only, not to an API key: db2\n',
    })
    const env = {KOMARI_URL: sandbox.url, KOMARI_SESSION_TOKEN: sandbox.session}
    expect((await cli(line, {env})).stdout).toContain('db2   online   0s ago\n')
  })

  test.each<SocketFault>([{kind: 'drop'}, {kind: 'reset'}, {kind: 'bad-frame'}])(
    'is asked again after a $kind',
    async fault => {
      const sandbox = await two()
      sandbox.sockets.faults.next(fault)
      const {environment: env} = sandbox
      expect(await cli('komari node status', {env})).toMatchObject({exitCode: 0, stderr: ''})
      expect(handshakes(sandbox)).toBe(2)
      sandbox.sockets.faults.next(fault)
      expect(await cli('komari node status --retries 0', {env})).toMatchObject({exitCode: 6, stdout: ''})
    },
  )

  test.each<SocketFault>([{kind: 'silent'}, {kind: 'mute'}, {kind: 'half-frame'}])(
    'gives up on a $kind peer',
    async fault => {
      const {environment: env, sockets} = await two()
      sockets.faults.next(fault)
      const outcome = await cli('komari node status --timeout 200ms --retries 0 -o json', {env})
      expect(outcome).toMatchObject({exitCode: 6, stdout: ''})
      expect(failureOf(outcome).message).toContain('no answer within')
    },
  )

  test('does not repeat what is refused, or of another shape', async () => {
    const sandbox = await two()
    const {environment: env, sockets} = sandbox
    sockets.faults.next({kind: 'close', code: 1008, reason: 'a plugin says no'})
    const refused = await cli('komari node status -o json', {env})
    expect(failureOf(refused)).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('plugin says no'),
    })
    for (const kind of ['wrong-types', 'bad-json'] as const) {
      sockets.faults.next({kind})
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
    expect(paths(sandbox)).toEqual(['GET /api/nodes', 'GET /api/clients'])
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
      sandbox.sockets.faults.next(fault, {after: 2})
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
    let minutes = 0
    const {stdout} = await followed(
      '-o ndjson',
      {env, now: () => new Date(Date.UTC(2026, 10, 21, 12, minutes))},
      text => {
        minutes += 2
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
    expect(paths(sandbox).length).toBeLessThan(6)
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
