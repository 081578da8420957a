import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, komariSandbox} from '../../harness.js'
import {dataAt, db1, db1Uuid, web1, web1Uuid} from './world.js'

/** A minute of the hour before the tests' time. */
const at = (minute: number) => Date.UTC(2026, 10, 21, 11, minute)

const timeOf = (minute: number) => new Date(at(minute)).toISOString().replace('.000', '')

/** A point of history as the panel keeps it. */
function load(minute: number, fields: object = {}) {
  return {
    at: at(minute),
    cpu: minute,
    gpu: 0,
    ram: 1_073_741_824,
    ram_total: 0,
    swap: 0,
    swap_total: 0,
    load: 0.5,
    temp: 0,
    disk: 4_294_967_296,
    disk_total: 0,
    net_in: 1024,
    net_out: 2048,
    net_total_up: 1,
    net_total_down: 2,
    traffic_up: 0,
    traffic_down: 0,
    process: 100,
    connections: 10,
    connections_udp: 1,
    ...fields,
  }
}

const ping = (minute: number, value: number, fields: object = {}) => ({
  task_id: 1,
  at: at(minute),
  value,
  client: web1Uuid,
  ...fields,
})

const dns = {id: 1, name: 'dns', interval: 60}

async function withLoad(records: readonly ReturnType<typeof load>[]) {
  const sandbox = await komariSandbox({nodes: [web1]})
  sandbox.state.load.set(web1Uuid, records)
  return sandbox
}

async function withPings(
  records: readonly ReturnType<typeof ping>[],
  options: Parameters<typeof komariSandbox>[0] = {},
) {
  const sandbox = await komariSandbox({nodes: [web1, db1], tasks: [dns], ...options})
  for (const uuid of [web1Uuid, db1Uuid]) {
    const own = records.filter(({client}) => client === uuid)
    sandbox.state.pings.set(uuid, own)
  }
  return sandbox
}

describe('komari records load', () => {
  test('prints a table oldest first, in percent of the node', async () => {
    const {environment: env} = await withLoad([load(59), load(58)])
    expect(await cli('komari records load web1', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'TIME                     CPU  MEMORY  SWAP    DISK  LOAD     NET IN    NET OUT  CONNECTIONS  PROCESSES',
        '2026-11-21 11:58:00Z  58.0 %  50.0 %     -  10.0 %  0.50  1.0 KiB/s  2.0 KiB/s           10        100',
        '2026-11-21 11:59:00Z  59.0 %  50.0 %     -  10.0 %  0.50  1.0 KiB/s  2.0 KiB/s           10        100',
        '',
      ].join('\n'),
    })
  })

  test('prints the object of the panel as JSON, and rows as csv', async () => {
    const sandbox = await withLoad([load(59), load(58)])
    const env = sandbox.environment
    const data = await dataAt(sandbox, `/api/records/load?uuid=${web1Uuid}`)
    expect(data).toMatchObject({count: 2, has_gpu_data: false})
    expect(JSON.parse((await cli('komari records load web1 -o json', {env})).stdout)).toEqual(data)
    const {stdout} = await cli('komari records load web1 -o ndjson', {env})
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toEqual(data)
    expect((await cli('komari records load web1 -o csv --columns time,cpu,memory_used', {env})).stdout).toBe(
      'time,cpu,memory_used\n2026-11-21T11:58:00.000Z,58,1073741824\n2026-11-21T11:59:00.000Z,59,1073741824\n',
    )
    expect(await cli('komari records load web1 -o id', {env})).toMatchObject({exitCode: 2, stdout: ''})
  })

  test.each(['json', 'ndjson', 'yaml'])('--sort sorts the records in -o %s', async format => {
    const {environment: env} = await withLoad([load(59, {cpu: 2}), load(58, {cpu: 1}), load(57, {cpu: 3})])
    const {stdout} = await cli(`komari records load web1 --sort cpu:desc -o ${format}`, {env})
    expect([...stdout.matchAll(/"?\bcpu"?: ?(\d)/g)].map(([, cpu]) => cpu)).toEqual(['3', '2', '1'])
    expect(stdout).toMatch(/"?count"?: ?3/)
    expect(stdout).not.toContain('mem_total')
    const unknown = await cli(`komari records load web1 --sort nope -o ${format}`, {env})
    expect(unknown).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('--type shows what belongs to it', async () => {
    const sandbox = await withLoad([load(59, {net_in: 1, net_out: 2, net_total_up: 3, net_total_down: 4})])
    const env = sandbox.environment
    expect((await cli('komari records load web1 --type network', {env})).stdout).toBe(
      'TIME                  NET IN  NET OUT  NET IN TOTAL  NET OUT TOTAL\n2026-11-21 11:59:00Z   1 B/s    2 B/s           4 B            3 B\n',
    )
    expect(paths(sandbox).at(-1)).toBe(`GET /api/records/load?uuid=${web1Uuid}&load_type=network`)
    expect((await cli('komari records load web1 --type network --columns net_in', {env})).stdout).toBe(
      'NET IN\n 1 B/s\n',
    )
    const asked = paths(sandbox).length
    for (const flags of ['--columns net_in,cpu', '--sort cpu', '--sort cpu -o json']) {
      const outcome = await cli(`komari records load web1 --type network ${flags}`, {env})
      expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
      expect(outcome.stderr).toContain('columns: time, net_in, net_out, net_in_total, net_out_total')
    }
    expect(paths(sandbox)).toHaveLength(asked)
    expect(await cli('komari records load web1 --type gpu', {env})).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('--since that is not whole hours is cut here, in JSON too', async () => {
    const sandbox = await withLoad([load(0), load(29), load(30), load(59)])
    const env = sandbox.environment
    const {stdout} = await cli('komari records load web1 --since 30m -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject({
      count: 2,
      records: [{time: timeOf(30)}, {time: timeOf(59)}],
      has_gpu_data: false,
    })
    expect(paths(sandbox)).toContain(`GET /api/records/load?uuid=${web1Uuid}&hours=1`)
    // The mean of the minute that it lies in.
    const short = await cli('komari records load web1 --since 30s -o json', {env})
    expect(JSON.parse(short.stdout).records).toMatchObject([{time: timeOf(59)}])
    const whole = await cli('komari records load web1 --since 1h -o json', {env})
    expect(JSON.parse(whole.stdout).records).toHaveLength(4)
    expect(await cli('komari records load web1 --since 1h --hours 1', {env})).toMatchObject({exitCode: 2})
  })

  test('says where there are no records', async () => {
    const {environment: env} = await withLoad([])
    expect(await cli('komari records load web1 --no-header', {env})).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'no records\n',
    })
  })

  test('makes nothing up of a card and a sensor that a node does not have', async () => {
    const shown = async (gpu_name: string, fields: object) => {
      const sandbox = await komariSandbox({nodes: [{...web1, gpu_name}]})
      sandbox.state.load.set(web1Uuid, [load(59, fields)])
      const run = (line: string) => cli(`komari ${line} --no-header`, {env: sandbox.environment})
      const {stdout} = await run('records load web1 --columns gpu,temp')
      return stdout + (await run('node list --columns gpu_model')).stdout
    }
    expect(await shown('None', {})).toBe('-  -\n-\n')
    expect(await shown('', {})).toBe('-  -\n-\n')
    expect(await shown('A100', {})).toBe('0.0 %  -\nA100\n')
    expect(await shown('A100', {gpu: 12.5, temp: 40})).toBe('12.5 %  40.0 °C\nA100\n')
  })

  test('--chart draws curves as wide as the terminal', async () => {
    const {environment: env} = await withLoad(Array.from({length: 60}, (_, minute) => load(minute)))
    const {stdout} = await cli('komari records load web1 --type cpu --chart', {
      env,
      tty: {stdout: true},
      columns: 40,
    })
    expect(stdout).toBe(
      [
        'cpu',
        '59.0 % │                            ⣀⡤⠖⠋',
        '       │                       ⢀⣠⠴⠚⠉⠁',
        '       │                    ⣀⡴⠚⠉',
        '       │               ⢀⣠⠴⠚⠉⠁',
        '29.5 % │           ⣀⣠⠴⠚⠉',
        '       │       ⢀⣠⠴⠋⠁',
        '       │   ⣀⣠⠴⠚⠉',
        ' 0.0 % │⡤⠖⠋⠁',
        '        2026-11-21 11:00          11:59Z',
        '',
      ].join('\n'),
    )
    const all = await cli('komari records load web1 --chart', {env})
    expect(all.stdout.split('\n').filter(line => /^[a-z]/.test(line))).toEqual([
      'cpu',
      'memory',
      'load',
      'net in',
      'net out',
    ])
    expect(Math.max(...all.stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  test.each(['-o json', '-o csv', '--columns cpu', '--sort cpu', '--no-header'])(
    '--chart does not go with %s',
    async flags => {
      const sandbox = await withLoad([])
      const outcome = await cli(`komari records load web1 --chart ${flags}`, {env: sandbox.environment})
      expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
      expect(paths(sandbox)).toEqual([])
    },
  )
})

test.each(['load', 'ping'])(
  'komari records %s says when the panel keeps less than is asked for',
  async kind => {
    const {environment: env} = await komariSandbox({nodes: [web1], tasks: [dns], retentionDays: 1})
    const {stderr} = await cli(`komari records ${kind} web1 --since 7d`, {env})
    expect(stderr).toContain('the panel keeps at most 24 hours of these records: older ones are gone\n')
    expect((await cli(`komari records ${kind} web1 --hours 24`, {env})).stderr).not.toContain('keeps')
  },
)

describe('komari records ping', () => {
  test('prints one line a task, also without records', async () => {
    const tasks = [dns, {id: 2, name: 'web', type: 'http', interval: 60}] as const
    const {environment: env} = await withPings([ping(3, 30), ping(2, -1), ping(1, 10)], {tasks: [...tasks]})
    expect(await cli('komari records ping web1', {env})).toEqual({
      exitCode: 0,
      stderr: 'the figures count every probe (public:getPingMetricStats)\n',
      stdout: [
        'ID  TASK  NODE  POINTS     LAST      MIN      AVG      MAX    LOSS  DELAY',
        ' 1  dns   web1       3  30.0 ms  10.0 ms  20.0 ms  30.0 ms  33.3 %  ▁·█',
        ' 2  web   web1       0        -        -        -        -       -  -',
        '',
      ].join('\n'),
    })
    expect((await cli('komari records ping web1 -o id', {env})).stdout).toBe('1\n2\n')
  })

  test('prints one line a node for a task of several, in the order of the nodes', async () => {
    const sandbox = await withPings([ping(1, 20, {client: db1Uuid}), ping(1, 10)])
    const env = sandbox.environment
    expect((await cli('komari records ping --task 1 --columns node,last', {env})).stdout).toBe(
      'NODE     LAST\nweb1  10.0 ms\ndb1   20.0 ms\n',
    )
    expect(paths(sandbox)).toContain('GET /api/records/ping?task_id=1')
    await cli('komari records ping db1 --task 1 --hours 24', {env})
    expect(paths(sandbox)).toContain(`GET /api/records/ping?uuid=${db1Uuid}&task_id=1&hours=24`)
  })

  test('names the nodes that are kept from an API key of an old version', async () => {
    const hidden = {...db1, hidden: true}
    const pings = [ping(1, 20, {client: db1Uuid}), ping(1, 10)]
    const sandbox = await withPings(pings, {nodes: [web1, hidden], profile: '1.1'})
    const line = 'komari records ping --task 1 --columns node --no-header'
    const key = await cli(line, {env: sandbox.environment})
    expect(key).toMatchObject({exitCode: 0, stdout: 'web1\n'})
    expect(key.stderr).toContain('keeps from API keys what hidden nodes report: db1\n')
    for (const env of [{}, {KOMARI_SESSION_TOKEN: sandbox.session}])
      expect((await cli(line, {env: {KOMARI_URL: sandbox.url, ...env}})).stderr).not.toContain('API keys')
  })

  test('leaves the figures of the panel in the JSON as they are', async () => {
    const sandbox = await withPings([ping(2, 5), ping(1, -1)])
    const {environment: env} = sandbox
    const data = await dataAt(sandbox, `/api/records/ping?uuid=${web1Uuid}`)
    expect(data).toMatchObject({count: 2, records: [{value: 5}, {value: -1}], tasks: [{loss: 50, min: 5}]})
    expect(data).toHaveProperty('basic_info')
    const statistics = [{client: web1Uuid, task_id: 1, total: 2, loss: 50, min: 5, avg: 5, max: 5}]
    const printed = JSON.parse((await cli('komari records ping web1 -o json', {env})).stdout)
    expect(printed).toEqual({...(data as object), statistics})
  })

  test('counts every probe, where the records are the last one of each minute', async () => {
    const probe = (second: number, value: number) => ({...ping(1, value), at: at(1) + second * 1000})
    // 8 of 20 are lost, and the last one is not; the others take 10 to 32 ms.
    const probes = Array.from({length: 20}, (_, index) => probe(3 * index, index < 8 ? -1 : 2 * index - 6))
    // A minute of its own for each: nothing to take a lost one for a delay of -1.
    const apart = [40, 42].map((value, index) => ({...ping(index + 1, value), task_id: 2}))
    const tasks = [dns, {id: 2, name: 'web', interval: 60}]
    const sandbox = await withPings([...probes, ...apart, {...ping(3, -1), task_id: 2}], {tasks})
    const {environment: env} = sandbox
    const columns = '--columns task,points,last,min,avg,max,loss'
    expect(await cli(`komari records ping web1 ${columns}`, {env})).toEqual({
      exitCode: 0,
      stderr: 'the figures count every probe (public:getPingMetricStats)\n',
      stdout: [
        'TASK  POINTS     LAST      MIN      AVG      MAX    LOSS',
        // The panel knows no minimum where lost probes and others share a minute.
        'dns       20  32.0 ms        -  21.0 ms  32.0 ms  40.0 %',
        'web        3        -  40.0 ms  41.0 ms  42.0 ms  33.3 %',
        '',
      ].join('\n'),
    })
    expect(paths(sandbox)).toContain('POST /api/rpc2')
  })

  test('--sort sorts tasks and statistics in the JSON, where a task stands by its first row', async () => {
    const tasks = [dns, {id: 2, name: 'web', interval: 60}]
    const pings = [ping(3, -1), ping(2, 5), {...ping(1, 10), task_id: 2}]
    const {environment: env} = await withPings(pings, {tasks})
    const sorted = JSON.parse((await cli('komari records ping web1 --sort loss -o json', {env})).stdout)
    expect(sorted).toMatchObject({
      tasks: [{name: 'web'}, {name: 'dns'}],
      statistics: [{task_id: 2}, {task_id: 1}],
    })
    expect(sorted.records).toHaveLength(3)
  })

  test('says which rows are of the records, where the panel counts others', async () => {
    const tasks = [dns, {id: 2, name: 'web', interval: 60}]
    const {environment: env, faults} = await withPings([ping(2, 5), {...ping(1, 10), task_id: 2}], {tasks})
    const change = (answer: unknown) =>
      JSON.parse(
        JSON.stringify(answer, (_, value) =>
          Array.isArray(value) ? value.filter(one => one?.task_id !== '2') : value,
        ),
      )
    faults.next({kind: 'wrong-types', change}, {path: '/api/rpc2', times: 9})
    const {stdout, stderr} = await cli('komari records ping web1 --columns task,points', {env})
    expect(stdout).toBe('TASK  POINTS\ndns        1\nweb        1\n')
    expect(stderr).toBe(
      'the figures count every probe (public:getPingMetricStats); those of web from web1 are of the records\n',
    )
  })

  test('says that the panel counts whole minutes where the time asked for begins within one', async () => {
    const late = (second: number) => ({...ping(58, 10), at: at(58) + second * 1000})
    const {environment: env} = await withPings([late(10), late(50)])
    const line = 'komari records ping web1 --since 90s --columns points --no-header'
    expect(await cli(line, {env})).toEqual({
      exitCode: 0,
      stdout: '2\n',
      stderr:
        'the figures count every probe (public:getPingMetricStats) in whole steps of 60 s, the first of which may begin before that time\n',
    })
  })

  test('knows no minimum of a few minutes, too, where lost probes and others share one', async () => {
    const late = (minute: number, second: number, value: number) => ({
      ...ping(minute, value),
      at: at(minute) + second * 1000,
    })
    // The panel's own minimum is 50: it looks at minutes without a lost probe.
    const {environment: env} = await withPings([late(58, 10, -1), late(58, 50, 3), ping(59, 50)])
    const line = 'komari records ping web1 --since 90s --columns points,min,avg,max,loss --no-header'
    expect((await cli(line, {env})).stdout).toBe('3  -  26.5 ms  50.0 ms  33.3 %\n')
  })

  test('does not promise every probe of 10 hours, of which the panel has steps that a restart takes probes from', async () => {
    const {environment: env} = await withPings([ping(2, 5)])
    const line = 'komari records ping web1 --hours 10 --columns points --no-header'
    expect(await cli(line, {env})).toEqual({
      exitCode: 0,
      stdout: '1\n',
      stderr:
        'the figures count the probes (public:getPingMetricStats); from 10 hours on the panel lacks some of shortly before its restarts, and of now\n',
    })
  })

  test('says in the words of the panel why it does not count, where it has the method', async () => {
    const {environment: env, faults} = await withPings([ping(2, 5)])
    const locked = [1, 2].map(id => ({
      jsonrpc: '2.0',
      id,
      error: {code: -32603, message: 'database is locked'},
    }))
    const change = (answer: unknown) => (Array.isArray(answer) ? locked : answer)
    faults.next({kind: 'wrong-types', change}, {path: '/api/rpc2', times: 9})
    const {stderr, exitCode} = await cli('komari records ping web1', {env})
    expect(stderr).toMatch(/does not answer: Komari refused the call: database is locked \(-32603\)\n$/)
    expect(exitCode).toBe(0)
  })

  test.each(['1.2.5', '1.1', '1.0.3'] as const)('%s has no such figures, which is said', async profile => {
    const {environment: env} = await withPings([ping(2, 5), ping(1, -1)], {profile})
    expect(await cli('komari records ping web1 --columns points,loss', {env})).toEqual({
      exitCode: 0,
      stderr:
        'the figures are of the records: public:getPingMetricStats, which counts every probe since Komari 1.2.6, does not answer\n',
      stdout: 'POINTS    LOSS\n     2  50.0 %\n',
    })
  })

  test('takes the name of a task, also from a guest', async () => {
    const sandbox = await withPings([ping(1, 20, {client: db1Uuid}), ping(1, 10)])
    const line = ['komari', 'records', 'ping', 'db1', '--task', 'dns', '--columns', 'id,last']
    for (const env of [sandbox.environment, {KOMARI_URL: sandbox.url}])
      expect((await cli(line, {env})).stdout).toBe('ID     LAST\n 1  20.0 ms\n')
    const wrong = await cli('komari records ping --task dnss -o json', {env: sandbox.environment})
    expect(failureOf(wrong)).toMatchObject({exitCode: 3, message: 'there is no task "dnss"'})
    const guest = await cli('komari records ping --task other -o json', {env: {KOMARI_URL: sandbox.url}})
    expect(failureOf(guest).hint).toBe('panelctl komari api GET /api/task/ping')
    const listed = await cli('komari api GET /api/task/ping', {env: {KOMARI_URL: sandbox.url}})
    expect(listed).toMatchObject({exitCode: 0, stdout: expect.stringContaining('"dns"')})
  })

  test('exits with 3 for a task that there is not', async () => {
    const {environment: env} = await withPings([ping(1, 10)])
    for (const node of ['', 'web1']) {
      const outcome = await cli(`komari records ping ${node} --task 99 -o json`, {env})
      expect(failureOf(outcome)).toMatchObject({
        exitCode: 3,
        message: expect.stringContaining('there is no task 99'),
      })
    }
  })

  test('takes the records of the oldest versions, which name no node', async () => {
    const sandbox = await withPings([ping(1, 10)], {profile: '1.0.3'})
    const {environment: env} = sandbox
    const data = await dataAt<{records: object[]}>(sandbox, `/api/records/ping?uuid=${web1Uuid}`)
    expect(data.records).toEqual([{task_id: 1, time: timeOf(1), value: 10}])
    expect((await cli('komari records ping web1 --columns node,points', {env})).stdout).toBe(
      'NODE  POINTS\nweb1       1\n',
    )
  })

  test('--since cuts records of any time zone', async () => {
    const {environment: env} = await withPings([ping(45, 1), ping(15, 2)], {
      profile: '1.1',
      utcOffsetMinutes: 480,
    })
    const {stdout} = await cli('komari records ping web1 --since 30m -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject({
      count: 1,
      records: [{value: 1, time: '2026-11-21T19:45:00+08:00'}],
    })
  })

  test('--chart draws a curve a task, with gaps and marks where probes were lost', async () => {
    const {environment: env} = await withPings([
      ping(0, 10),
      ping(1, 20),
      ping(2, -1),
      ping(3, 10),
      ping(4, 10),
    ])
    const {stdout} = await cli('komari records ping web1 --chart', {env, tty: {stdout: true}, columns: 20})
    expect(stdout).toBe(
      [
        'dns from web1',
        '20.0 ms │  ⡏',
        '        │ ⢠⠇',
        '        │ ⢸',
        '        │ ⡏',
        '15.0 ms │⢀⡇',
        '        │⢸',
        '        │⡞',
        '10.0 ms │⡇       ⣀⣀⣀',
        '   lost │     ×',
        '',
      ].join('\n'),
    )
  })

  test('--chart asks for no figures, and counts no points as if they were probes', async () => {
    const panel = await withPings([ping(0, -1), ping(1, -1), ping(2, -1)])
    const {environment: env, requests} = panel
    expect(await cli('komari records ping web1 --chart', {env})).toEqual({
      stdout: 'dns from web1\n  all lost\n',
      stderr: '',
      exitCode: 0,
    })
    expect(requests.filter(({body}) => body.includes('MetricStats'))).toEqual([])
  })

  test('exits with 2 for neither a node nor a task, and 10 for records of another shape', async () => {
    const {environment: env, faults} = await withPings([ping(1, 10)])
    expect(await cli('komari records ping', {env})).toMatchObject({exitCode: 2, stdout: ''})
    const data = {count: 1, records: [{task_id: 'x'}]}
    faults.next({kind: 'wrong-types', change: () => ({status: 'success', data})}, {path: /ping/})
    const outcome = await cli('komari records ping web1 -o json', {env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('no ping records'),
    })
  })
})
