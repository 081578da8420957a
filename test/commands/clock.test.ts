import {describe, expect, onTestFinished, test} from 'vitest'
import type {Between} from '../../src/lib/sandbox/between.js'
import {startKomari} from '../../src/lib/sandbox/komari/start.js'
import {startNezha} from '../../src/lib/sandbox/nezha/start.js'
import {node as nodeWith} from '../contract/komari-answers.js'
import {binary, cli, komariSandbox, nezhaSandbox, now, openidcsSandbox} from '../harness.js'
import {replayServer} from '../replay-server.js'
import {metrics, web1} from './komari/world.js'

const hour = 3_600_000

describe.each([
  ['behind', -2 * hour],
  ['ahead', 2 * hour],
])('a panel whose clock is two hours %s', (_, skew) => {
  const there = () => now.getTime() + skew

  test.each(['list', 'details', 'show 1'])('nezha server %s tells ages by it', async line => {
    const sandbox = await nezhaSandbox({now: there})
    const own = await nezhaSandbox()
    const columns = '--columns name,last_active'
    const shown = await cli(`nezha server ${line} ${columns}`, {env: sandbox.environment})
    expect(shown).toEqual(await cli(`nezha server ${line} ${columns}`, {env: own.environment}))
    expect(shown.stdout).toContain('ago')
  })

  test('komari node status does, and the window of --since', async () => {
    const sandbox = await komariSandbox({
      now: there,
      nodes: [{...web1, state: 'offline', offlineMinutes: 10}],
    })
    const {environment: env} = sandbox
    const status = await cli('komari node status --columns name,last_report --no-header', {env})
    expect(status.stdout).toBe('web1  10m ago\n')
    const recent = await cli('komari records load web1 --since 90m -o json', {env})
    const {records}: {records: {time: string}[]} = JSON.parse(recent.stdout)
    const ages = records.map(({time}) => there() - Date.parse(time))
    expect(Math.max(...ages)).toBeLessThanOrEqual(1.5 * hour)
    expect(Math.max(...ages)).toBeGreaterThan(hour)
  })

  test('openidcs host status does', async () => {
    const sandbox = await openidcsSandbox({now: there})
    const own = await openidcsSandbox()
    const line = 'openidcs host status node1 --columns measured'
    const shown = await cli(line, {env: sandbox.environment})
    expect(shown).toEqual(await cli(line, {env: own.environment}))
    expect(shown.stdout).toContain('ago')
  })
})

/** A proxy whose clock is right. */
const between: Between = {
  request(_request, _handler, response) {
    response.setHeader('Date', now.toUTCString())
    return false
  },
  frame: () => false,
  ping: () => false,
}

test('openidcs host status tells ages by the clock in the answers, and not by that of a proxy', async () => {
  const line = 'openidcs host status node1 --columns measured'
  const own = await openidcsSandbox({profile: 'newest'})
  const ahead = await openidcsSandbox({profile: 'newest', now: () => now.getTime() + 2 * hour, between})
  expect(await cli(line, {env: ahead.environment})).toEqual(await cli(line, {env: own.environment}))
})

test.each([
  ['komari records load web1 --since 45m', (told: {records: []}) => told.records.length],
  [
    'komari records ping web1 --since 45m',
    (told: {statistics: {total: number}[]}) => told.statistics[0]?.total,
  ],
  ['nezha monitor show 1 --since 45m', ([first]: {avg_delay: []}[]) => first?.avg_delay.length],
])('%s of a panel three hours ahead of its proxy is no more than of that time', async (line, of) => {
  const start = line.startsWith('komari') ? startKomari : startNezha
  const told = async (environment: Readonly<Record<string, string>>) =>
    of(JSON.parse((await cli(`${line} -o json`, {env: environment})).stdout))
  const [ahead, own] = [
    await start({now: () => now.getTime() + 3 * hour, between}),
    await start({now: () => now.getTime()}),
  ]
  onTestFinished(() => ahead.close())
  onTestFinished(() => own.close())
  const [seen = 0, right = 0] = [await told(ahead.environment), await told(own.environment)]
  expect(right).toBeGreaterThan(9)
  // It ends with the newest, which is of some seconds ago.
  expect(Math.abs(seen - right)).toBeLessThan(3)
})

describe('a panel whose clock is two hours behind, and a proxy whose clock is right', () => {
  const there = () => now.getTime() - 2 * hour

  test.each(['komari records load web1', 'komari records ping web1', 'nezha monitor show 1'])(
    '%s --since says of when the newest is where nothing is of that time',
    async line => {
      const sandbox = await (line.startsWith('komari') ? startKomari : startNezha)({now: there, between})
      onTestFinished(() => sandbox.close())
      const {environment: env} = sandbox
      const {stderr, exitCode} = await cli(`${line} --since 45m`, {env})
      expect({stderr, exitCode}).toMatchObject({
        stderr: expect.stringMatching(/nothing is of that time: the newest is of 2026-11-21T(09:5\d|10:00)/),
        exitCode: 0,
      })
      expect((await cli(`${line} --since 175m`, {env})).stderr).not.toContain('nothing is of that time')
    },
  )
})

describe('what cannot be by the clock of the answers', () => {
  const columns = '--columns name,last_active --no-header'

  async function seen(ages: Readonly<Record<string, number>>, date: Date | undefined, last_active?: number) {
    const server = await replayServer()
    const result = Object.entries(ages).map(([name, age], index) => ({
      id: index + 1,
      name,
      tag: '',
      last_active: last_active ?? Math.floor((now.getTime() - age) / 1000),
      ipv4: '',
      ipv6: '',
      valid_ip: '',
    }))
    server.routes['GET /api/v1/server/list'] = {
      json: {code: 0, message: 'success', result},
      headers: {date: date?.toUTCString() ?? ''},
    }
    return {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'x'}
  }

  test('is no sign of life: a proxy five hours behind, and one warning', async () => {
    const env = await seen({web1: 0, backup1: 3 * hour}, new Date(now.getTime() - 5 * hour))
    const {stdout, stderr, exitCode} = await cli(`nezha server list ${columns}`, {env})
    expect({stdout, exitCode}).toEqual({stdout: 'web1     in 5h\nbackup1  in 2h\n', exitCode: 0})
    const behind = new Date(now.getTime() - 5 * hour).toISOString()
    expect(stderr).toMatch(
      new RegExp(`^warning: by the clock of its answers it was ${behind}, .* clock is wrong .*\n$`),
    )
    expect((await cli(`nezha server list ${columns} -o csv`, {env})).stderr).toBe('')
  })

  test('is said of this machine’s where the panel sends none, and for one server', async () => {
    const env = await seen({web1: -2 * hour}, undefined)
    const {stdout, stderr} = await cli(`nezha server list ${columns}`, {env})
    expect(stdout).toBe('web1  in 2h\n')
    expect(stderr).toMatch(/^warning: by this machine it was /)
  })

  test.each([
    ['0', 0, 'never'],
    ['milliseconds', now.getTime(), '-'],
  ])('%s are %s', async (_, stamp, text) => {
    const env = await seen({web1: 0}, now, stamp)
    expect(await cli(`nezha server list ${columns}`, {env})).toMatchObject({
      stdout: `web1  ${text}\n`,
      stderr: '',
    })
    expect((await cli(`nezha server list ${columns} -o csv`, {env})).stdout).toBe('web1,\n')
  })
})

test('tables have the time of TZ with its zone, csv and JSON RFC 3339', async () => {
  const nodes = [{...web1, state: 'never' as const}]
  const sandbox = await komariSandbox({now: Date.now, nodes})
  const [uuid = ''] = sandbox.state.nodes.keys()
  sandbox.state.report(uuid, metrics)
  const run = async (zone: string, format: string) =>
    (
      await binary(['komari', 'node', 'recent', 'web1', '--columns', 'time', '--no-header', '-o', format], {
        env: {...sandbox.environment, TZ: zone},
      })
    ).stdout.trim()
  const utc = await run('UTC', 'csv')
  expect(utc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(await run('Asia/Shanghai', 'csv')).toBe(utc)
  for (const [zone, suffix] of [
    ['UTC', 'Z'],
    ['Asia/Shanghai', '+08:00'],
    ['Asia/Kathmandu', '+05:45'],
    ['America/St_Johns', '-03:30'],
  ] as const) {
    const shown = await run(zone, 'table')
    expect(shown).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\${suffix}$`))
    // Read back as RFC 3339 it is the moment of the csv.
    expect(Math.floor(Date.parse(shown.replace(' ', 'T')) / 1000)).toBe(Math.floor(Date.parse(utc) / 1000))
  }
})

test('a time of Komari without a zone is UTC, whatever TZ is here', async () => {
  const server = await replayServer()
  const node = nodeWith({expired_at: '2026-12-01T12:00:00'})
  server.routes['GET /api/nodes'] = {json: {status: 'success', message: '', data: [node]}}
  for (const zone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
    const env = {KOMARI_URL: server.url, TZ: zone}
    const {stdout} = await binary('komari node list --columns expires -o csv --no-header'.split(' '), {env})
    expect(stdout).toBe('2026-12-01T12:00:00.000Z\n')
  }
})

test('--since goes further back than a timer: what the panel keeps is for it to say', async () => {
  const {environment: komari} = await komariSandbox()
  const {environment: nezha} = await nezhaSandbox()
  for (const [line, env] of [
    ['komari records ping web1 --since 30d', komari],
    ['komari records load web1 --since 400d', komari],
    ['nezha monitor show 1 --since 30d', nezha],
  ] as const) {
    const outcome = await cli(line, {env})
    expect(outcome.exitCode).toBe(0)
    expect(outcome.stderr).toMatch(/the panel keeps (at most )?24 hours of these records/)
  }
  expect((await cli('komari records load web1 --since 99999d', {env: komari})).stderr).toContain(
    '99999d is not a duration between 1ms and 36500d',
  )
})
