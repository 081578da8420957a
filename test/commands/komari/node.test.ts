import {describe, expect, test} from 'vitest'
import {failureOf} from '../../failure.js'
import {cli} from '../../harness.js'
import {node, nodesServer, otherUuid, refused, report, success} from '../../komari-server.js'

const web1 = node()
const db1 = node({
  uuid: otherUuid,
  name: 'db1',
  weight: -1,
  group: 'Backup',
  os: '',
  region: '',
  cpu_cores: 0,
  mem_total: 0,
  disk_total: 0,
  price: 0,
  expired_at: null,
  tags: '',
})

describe('komari node list', () => {
  test('prints a table in the order of the panel', async () => {
    const {environment: env} = await nodesServer([web1, db1])
    expect(await cli('komari node list', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'NAME  GROUP       REGION  OS                            CPUS   MEMORY      DISK     PRICE  EXPIRES  TAGS',
        'db1   Backup      -       -                                -        -         -         -  never    -',
        'web1  Production  HK      Debian GNU/Linux 13 (trixie)     2  2.0 GiB  40.0 GiB  $5 / 30d  in 10d   edge, hk',
        '',
      ].join('\n'),
    })
  })

  test('prints the objects of the panel, uuids, and one group', async () => {
    const {environment: env} = await nodesServer([web1, db1])
    expect(JSON.parse((await cli('komari node list -o json', {env})).stdout)).toEqual([db1, web1])
    expect((await cli('komari node list -o id', {env})).stdout).toBe(`${db1.uuid}\n${web1.uuid}\n`)
    expect((await cli('komari node list --group Production -o id', {env})).stdout).toBe(`${web1.uuid}\n`)
    expect(await cli('komari node list --group x', {env})).toMatchObject({exitCode: 0, stderr: 'no nodes\n'})
    expect((await cli('komari node list --group x -o json', {env})).stdout).toBe('[]\n')
    expect((await cli('komari node list --columns traffic_limit,created,updated', {env})).stdout).toContain(
      'unlimited  2026-11-01 00:00:00  2026-11-02 00:00:00',
    )
  })

  test('takes what the oldest version gives', async () => {
    const {
      hidden,
      traffic_limit,
      traffic_limit_type,
      cpu_physical_cores,
      auto_renewal,
      kernel_version,
      ...old
    } = web1
    expect([
      hidden,
      traffic_limit,
      traffic_limit_type,
      cpu_physical_cores,
      auto_renewal,
      kernel_version,
    ]).toHaveLength(6)
    const {environment: env} = await nodesServer([old])
    expect(await cli('komari node list --columns all', {env})).toMatchObject({exitCode: 0, stderr: ''})
  })

  test('exits with 10 and names the field where the shape is another', async () => {
    const {environment: env} = await nodesServer([node({price: 'free'})])
    const outcome = await cli('komari node list -o json', {env})
    expect(failureOf(outcome)).toMatchObject({exitCode: 10, message: expect.stringContaining('[0].price')})
  })
})

describe('komari node show', () => {
  test('takes a uuid, its beginning, or a unique name', async () => {
    const {environment: env} = await nodesServer([web1, db1])
    for (const reference of [web1.uuid, '26a0fc67', '26A0', 'web1']) {
      expect((await cli(`komari node show ${reference} -o id`, {env})).stdout).toBe(`${web1.uuid}\n`)
    }
    expect((await cli('komari node show web1 --columns name,memory,expires', {env})).stdout).toBe(
      'NAME     web1\nMEMORY   2.0 GiB\nEXPIRES  in 10d\n',
    )
  })

  test('a name goes before the beginning of a uuid', async () => {
    const {environment: env} = await nodesServer([web1, {...db1, name: '26a0fc67'}])
    expect((await cli('komari node show 26a0fc67 -o id', {env})).stdout).toBe(`${db1.uuid}\n`)
  })

  test('names the candidates where several are meant', async () => {
    const twin = {...web1, uuid: '26a0ffff-0000-4000-8000-000000000000'}
    const {environment: env} = await nodesServer([web1, twin])
    const named = await cli('komari node show web1 -o json', {env})
    expect(failureOf(named)).toMatchObject({
      exitCode: 2,
      message: `2 nodes are called "web1": ${web1.uuid}, ${twin.uuid}`,
      hint: 'give the uuid',
    })
    const begun = await cli('komari node show 26a0 -o json', {env})
    expect(failureOf(begun)).toMatchObject({
      exitCode: 2,
      message: `2 nodes begin with 26a0: ${web1.uuid} (web1), ${twin.uuid} (web1)`,
    })
  })

  test.each(['26a', 'WEB1', '0000'])('exits with 3 for %s', async reference => {
    const {environment: env} = await nodesServer([web1])
    expect(await cli(`komari node show ${reference} -o json`, {env})).toMatchObject({exitCode: 3, stdout: ''})
  })
})

describe('komari node recent', () => {
  test('prints the reports oldest first', async () => {
    const server = await nodesServer([web1])
    const at = (second: number) => report({uuid: web1.uuid, updated_at: `2026-11-21T11:59:0${second}Z`})
    server.routes[`GET /api/recent/${web1.uuid}`] = success([at(3), {...at(1), cpu: {}}])
    expect((await cli('komari node recent web1', {env: server.environment})).stdout).toBe(
      [
        'TIME                    CPU  MEMORY    DISK  LOAD     NET IN    NET OUT  TCP  UDP  PROCESSES  UPTIME',
        '2026-11-21 11:59:01   0.0 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s   42    4        112     20d',
        '2026-11-21 11:59:03  12.5 %  50.0 %  10.0 %  0.42  1.0 MiB/s  2.0 KiB/s   42    4        112     20d',
        '',
      ].join('\n'),
    )
    const {stdout} = await cli('komari node recent web1 -o json', {env: server.environment})
    expect(JSON.parse(stdout)).toEqual([{...at(1), cpu: {}}, at(3)])
    expect(await cli('komari node recent web1 -o id', {env: server.environment})).toMatchObject({exitCode: 2})
  })

  test('exits with 5 for what the panel refuses', async () => {
    const server = await nodesServer([web1])
    server.routes[`GET /api/recent/${web1.uuid}`] = refused(400, 'UUID is required')
    expect(await cli('komari node recent web1', {env: server.environment})).toMatchObject({
      exitCode: 5,
      stdout: '',
    })
  })
})
