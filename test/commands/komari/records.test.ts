import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli} from '../../harness.js'
import {node, nodesServer, otherUuid, success} from '../../komari-server.js'

const {uuid} = node()

/** A load record of a minute of the hour before the tests' time. */
function load(minute: number, fields: object = {}) {
  return {
    client: uuid,
    time: new Date(Date.UTC(2026, 10, 21, 11, minute)).toISOString().replace('.000', ''),
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
    process: 100,
    connections: 10,
    connections_udp: 1,
    ...fields,
  }
}

function ping(minute: number, value: number, fields: object = {}) {
  return {task_id: 1, time: load(minute).time, value, client: uuid, ...fields}
}

const tasks = [{id: 1, name: 'dns', type: 'icmp', interval: 60}]

async function withLoad(records: readonly object[]) {
  const server = await nodesServer()
  server.routes['GET /api/records/load'] = success({count: records.length, records, has_gpu_data: false})
  return server
}

async function withPings(records: readonly object[], rest: object = {tasks}) {
  const server = await nodesServer([node(), node({uuid: otherUuid, name: 'db1', weight: 1})])
  server.routes['GET /api/records/ping'] = success({count: records.length, records, ...rest})
  return server
}

describe('komari records load', () => {
  test('prints a table oldest first, in percent of the node', async () => {
    const {environment: env} = await withLoad([load(59), load(58)])
    expect(await cli('komari records load web1', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'TIME                    CPU  MEMORY  SWAP    DISK  LOAD     NET IN    NET OUT  CONNECTIONS  PROCESSES',
        '2026-11-21 11:58:00  58.0 %  50.0 %     -  10.0 %   0.5  1.0 KiB/s  2.0 KiB/s           10        100',
        '2026-11-21 11:59:00  59.0 %  50.0 %     -  10.0 %   0.5  1.0 KiB/s  2.0 KiB/s           10        100',
        '',
      ].join('\n'),
    })
  })

  test('prints the object of the panel as JSON, and rows as csv', async () => {
    const server = await withLoad([load(59), load(58)])
    const env = server.environment
    const data = {count: 2, records: [load(59), load(58)], has_gpu_data: false}
    expect(JSON.parse((await cli('komari records load web1 -o json', {env})).stdout)).toEqual(data)
    const {stdout} = await cli('komari records load web1 -o ndjson', {env})
    expect(stdout.split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout)).toEqual(data)
    expect((await cli('komari records load web1 -o csv --columns time,cpu,memory_used', {env})).stdout).toBe(
      'time,cpu,memory_used\n2026-11-21T11:58:00.000Z,58,1073741824\n2026-11-21T11:59:00.000Z,59,1073741824\n',
    )
    expect(
      JSON.parse((await cli('komari records load web1 -o json --sort cpu', {env})).stdout),
    ).toMatchObject({count: 2})
    expect(await cli('komari records load web1 -o id', {env})).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('--type shows what belongs to it', async () => {
    const server = await withLoad([
      {client: uuid, time: load(59).time, net_in: 1, net_out: 2, net_total_up: 3, net_total_down: 4},
    ])
    const env = server.environment
    expect((await cli('komari records load web1 --type network', {env})).stdout).toBe(
      'TIME                 NET IN  NET OUT  NET IN TOTAL  NET OUT TOTAL\n2026-11-21 11:59:00   1 B/s    2 B/s           4 B            3 B\n',
    )
    expect(paths(server).at(-1)).toBe(`GET /api/records/load?uuid=${uuid}&load_type=network`)
    expect((await cli('komari records load web1 --type network --columns net_in,cpu', {env})).stdout).toBe(
      'NET IN  CPU\n 1 B/s    -\n',
    )
    expect(await cli('komari records load web1 --type gpu', {env})).toMatchObject({exitCode: 2, stdout: ''})
  })

  test('--since that is not whole hours is cut here, in JSON too', async () => {
    const server = await withLoad([load(0), load(29), load(30), load(59)])
    const env = server.environment
    const {stdout} = await cli('komari records load web1 --since 30m -o json', {env})
    expect(JSON.parse(stdout)).toEqual({count: 2, records: [load(30), load(59)], has_gpu_data: false})
    expect(paths(server).at(-1)).toContain('hours=1')
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
        '        2026-11-21 11:00           11:59',
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

  test.each(['-o json', '-o csv', '--columns cpu', '--sort cpu'])(
    '--chart does not go with %s',
    async flags => {
      const server = await withLoad([])
      expect(await cli(`komari records load web1 --chart ${flags}`, {env: server.environment})).toMatchObject(
        {
          exitCode: 2,
          stdout: '',
        },
      )
      expect(paths(server)).toEqual([])
    },
  )
})

describe('komari records ping', () => {
  test('prints one line a task, also without records', async () => {
    const two = [...tasks, {id: 2, name: 'web', type: 'http', interval: 60}]
    const {environment: env} = await withPings([ping(3, 30), ping(2, -1), ping(1, 10)], {tasks: two})
    expect(await cli('komari records ping web1', {env})).toEqual({
      exitCode: 0,
      stderr: '',
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
    const server = await withPings([ping(1, 20, {client: otherUuid}), ping(1, 10)])
    const env = server.environment
    expect((await cli('komari records ping --task 1 --columns node,last', {env})).stdout).toBe(
      'NODE     LAST\nweb1  10.0 ms\ndb1   20.0 ms\n',
    )
    expect(paths(server).at(-1)).toBe('GET /api/records/ping?task_id=1')
    await cli('komari records ping db1 --task 1 --hours 24', {env})
    expect(paths(server).at(-1)).toBe(`GET /api/records/ping?uuid=${otherUuid}&task_id=1&hours=24`)
  })

  test('leaves the figures of the panel in the JSON as they are', async () => {
    const basic_info = [{client: uuid, loss: 0, min: 1, max: 2}]
    const {environment: env} = await withPings([ping(2, 5), ping(1, -1)], {tasks, basic_info})
    expect(JSON.parse((await cli('komari records ping web1 -o json', {env})).stdout)).toEqual({
      count: 2,
      records: [ping(2, 5), ping(1, -1)],
      tasks,
      basic_info,
    })
  })

  test('takes the records of the oldest versions, which name no node', async () => {
    const {client, ...old} = ping(1, 10)
    expect(client).toBe(uuid)
    const {environment: env} = await withPings([old], {tasks: [{id: 1, name: 'dns', interval: 60}]})
    expect((await cli('komari records ping web1 --columns node,points', {env})).stdout).toBe(
      'NODE  POINTS\nweb1       1\n',
    )
  })

  test('--since cuts records of any time zone', async () => {
    const {environment: env} = await withPings([
      ping(0, 1, {time: '2026-11-21T19:45:00+08:00'}),
      ping(0, 2, {time: '2026-11-21T19:15:00+08:00'}),
    ])
    const {stdout} = await cli('komari records ping web1 --since 30m -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject({count: 1, records: [{value: 1}]})
  })

  test('--chart draws a curve a task, with gaps where probes were lost', async () => {
    const {environment: env} = await withPings([
      ping(0, 10),
      ping(1, 20),
      ping(2, -1),
      ping(3, 10),
      ping(4, 10),
    ])
    const {stdout} = await cli('komari records ping web1 --chart', {env, tty: {stdout: true}, columns: 20})
    expect(stdout.split('\n')[0]).toBe('dns from web1')
    expect(stdout).toContain('20.0 ms │')
    expect(stdout).toContain('10.0 ms │')
  })

  test('exits with 2 for neither a node nor a task, and 10 for records of another shape', async () => {
    const {environment: env} = await withPings([{task_id: 'x'}])
    expect(await cli('komari records ping', {env})).toMatchObject({exitCode: 2, stdout: ''})
    const outcome = await cli('komari records ping web1 -o json', {env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 10,
      message: expect.stringContaining('no ping records'),
    })
  })
})
