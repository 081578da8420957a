import {describe, expect, test} from 'vitest'
import type {NezhaOptions} from '../../emulated.js'
import {failureOf, paths} from '../../failure.js'
import {cli, nezhaSandbox} from '../../harness.js'

const gigabyte = 1024 ** 3

/** Two servers that report the same all the time, and one that never did. */
const world: NezhaOptions = {
  servers: [
    {
      name: 'web1',
      tag: 'Production',
      ipv4: '203.0.113.10',
      ipv6: '',
      displayIndex: 7,
      hidden: true,
      host: {
        Platform: 'debian',
        PlatformVersion: '12.11',
        CPU: ['Xeon 2 Virtual Core'],
        MemTotal: 4 * gigabyte,
        DiskTotal: 100 * gigabyte,
        SwapTotal: 0,
        Arch: 'x86_64',
        Virtualization: 'kvm',
        CountryCode: 'hk',
        Version: '0.20.5',
        GPU: ['A100', 'A100'],
      },
      status: {
        CPU: 12.34,
        MemUsed: gigabyte,
        SwapUsed: 0,
        DiskUsed: 50 * gigabyte,
        NetInTransfer: 3 * gigabyte,
        NetOutTransfer: 512,
        NetInSpeed: 2048,
        NetOutSpeed: 10,
        Uptime: 3 * 86_400 + 4 * 3600,
        Load1: 0.5,
        Load5: 0.25,
        Load15: 0.1,
        TcpConnCount: 3,
        UdpConnCount: 2,
        ProcessCount: 99,
        Temperatures: [{Name: 'package', Temperature: 55.5}],
        GPU: 33.3,
      },
    },
    {
      name: 'db1',
      tag: 'Production',
      state: 'offline',
      offlineMinutes: 5,
      ipv4: '203.0.113.11',
      ipv6: '2001:db8::11',
      host: {MemTotal: 0, DiskTotal: 10},
      status: {CPU: 90, DiskUsed: 1, Load1: 8, NetInSpeed: 0, NetOutSpeed: 0, Uptime: 61},
    },
    {name: 'new1', tag: 'Backup', state: 'never'},
  ],
}

const header = 'ID  NAME  TAG         LAST ACTIVE     CPU  MEMORY    DISK  LOAD     NET IN  NET OUT  UPTIME'
const web1 = ' 1  web1  Production  0s ago       12.3 %  25.0 %  50.0 %  0.50  2.0 KiB/s   10 B/s   3d 4h'
const db1 = ' 2  db1   Production  5m ago       90.0 %       -  10.0 %  8.00      0 B/s    0 B/s   1m 1s'
const new1 = ' 3  new1  Backup      never             -       -       -     -          -        -       -'

describe('nezha server details', () => {
  test('shows all servers by id, and nothing of one that never reported', async () => {
    const sandbox = await nezhaSandbox(world)
    expect(await cli('nezha server details', {env: sandbox.environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${[header, web1, db1, new1].join('\n')}\n`,
    })
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/details'])
  })

  test('has every value of a server as a column', async () => {
    const {environment} = await nezhaSandbox(world)
    const {stdout} = await cli('nezha server details 1 --columns all -o csv', {env: environment})
    expect(stdout.split('\n')).toEqual([
      'id,name,tag,last_active,ip,ipv4,ipv6,cpu,memory,disk,load,net_in,net_out,uptime,load5,load15,memory_used,memory_total,swap_used,swap_total,disk_used,disk_total,net_in_total,net_out_total,tcp,udp,processes,gpu,temperature,platform,arch,virtualization,cpu_model,gpu_model,country,agent,uuid,note,public_note',
      '1,web1,Production,2026-11-21T12:00:00.000Z,203.0.113.10,203.0.113.10,,12.34,25,50,0.5,2048,10,273600,0.25,0.1,1073741824,4294967296,0,0,53687091200,107374182400,3221225472,512,3,2,99,33.3,55.5,debian 12.11,x86_64,kvm,Xeon 2 Virtual Core,"A100, A100",hk,0.20.5,,,',
      '',
    ])
  })

  test('makes nothing up of what an agent does not measure', async () => {
    const columns = 'name,gpu,temperature,tcp,udp,processes,memory_total,disk_total'
    const counted = {TcpConnCount: 3, UdpConnCount: 0, ProcessCount: 99}
    const {environment: env} = await nezhaSandbox({
      servers: [
        {
          name: 'bare',
          host: {GPU: null, MemTotal: 0, DiskTotal: 0},
          status: {GPU: 0, Temperatures: null, TcpConnCount: 0, UdpConnCount: 0, ProcessCount: 0},
        },
        {
          name: 'idle',
          host: {GPU: ['A100'], MemTotal: gigabyte, DiskTotal: gigabyte},
          status: {
            ...counted,
            GPU: 0,
            Temperatures: [
              {Name: 'cpu', Temperature: 41},
              {Name: 'nvme', Temperature: 55.46},
            ],
          },
        },
        {name: 'warm', host: {MemTotal: 1, DiskTotal: 1}, status: {...counted, Temperatures: []}},
      ],
    })
    expect((await cli(`nezha server details --columns ${columns}`, {env})).stdout).toBe(
      [
        'NAME    GPU  TEMPERATURE  TCP  UDP  PROCESSES  MEMORY TOTAL  DISK TOTAL',
        'bare      -            -    -    -          -             -           -',
        'idle  0.0 %      55.5 °C    3    0         99       1.0 GiB     1.0 GiB',
        'warm      -            -    3    0         99           1 B         1 B',
        '',
      ].join('\n'),
    )
  })

  test('sorts by numbers, with what is missing at the end in both directions', async () => {
    const {environment: env} = await nezhaSandbox(world)
    const order = async (sort: string) =>
      (await cli(`nezha server details -o id --sort ${sort}`, {env})).stdout
    expect(await order('cpu')).toBe('1\n2\n3\n')
    expect(await order('cpu:desc')).toBe('2\n1\n3\n')
    expect(await order('uptime')).toBe('2\n1\n3\n')
  })

  test('gives the servers asked for, each once and in that order', async () => {
    const sandbox = await nezhaSandbox(world)
    expect(await cli('nezha server details 2 1 2', {env: sandbox.environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `${[header, db1, web1].join('\n')}\n`,
    })
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/details?id=2%2C1'])
  })

  test('gives the servers of a tag', async () => {
    const sandbox = await nezhaSandbox(world)
    const {stdout} = await cli('nezha server details --tag Production -o id', {env: sandbox.environment})
    expect(stdout).toBe('1\n2\n')
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/details?tag=Production'])
  })

  test('prints those that are there and exits with 9 when one is missing', async () => {
    const {environment: env} = await nezhaSandbox(world)
    expect(await cli('nezha server details 99 1', {env})).toEqual({
      exitCode: 9,
      stdout: `${header}\n${web1}\n`,
      stderr: 'panelctl: there is no server 99\nhint: panelctl nezha server list\n',
    })
    const asJson = await cli('nezha server details 99 1 -o json', {env})
    expect(JSON.parse(asJson.stdout)).toMatchObject([{id: 1}])
    expect(failureOf(asJson)).toEqual({
      code: 'PARTIAL',
      exitCode: 9,
      message: 'there is no server 99',
      hint: 'panelctl nezha server list',
      panel: 'nezha',
    })
  })

  test('exits with 3 and prints nothing when none is there', async () => {
    const {environment: env} = await nezhaSandbox(world)
    expect(await cli('nezha server details 98 99', {env})).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'panelctl: there are no servers 98, 99\nhint: panelctl nezha server list\n',
    })
    expect(await cli('nezha server details 98', {env})).toMatchObject({
      exitCode: 3,
      stderr: 'panelctl: there is no server 98\nhint: panelctl nezha server list\n',
    })
  })

  test.each([
    ['1 --tag Production', 'ids and --tag contradict each other'],
    ['0', 'ID: 0 is less than 1'],
    ['-- -1', 'ID: -1 is less than 1'],
    ['1,2', 'ID: "1,2" is not a whole number'],
    ['web1', 'ID: "web1" is not a whole number'],
    ['0x1', 'ID: "0x1" is not a whole number'],
    ['1.5', 'ID: "1.5" is not a whole number'],
    ['99999999999999999999', 'ID: 99999999999999999999 is too large'],
  ])('refuses %s before any request', async (words, message) => {
    const sandbox = await nezhaSandbox(world)
    const outcome = await cli(`nezha server details -o json ${words}`, {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'USAGE', message})
    expect(paths(sandbox)).toEqual([])
  })

  test.each(['web1', '1,2'])('leads who gives %s to how several ids or a name are given', async given => {
    expect(await cli(`nezha server details ${given}`)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ID: "${given}" is not a whole number\nhint: several: panelctl nezha server details 1 2; by name: panelctl nezha server show NAME\n`,
    })
  })

  test('asks for many ids in several requests', async () => {
    const sandbox = await nezhaSandbox({generate: 1200})
    const ids = Array.from({length: 1200}, (_, index) => String(index + 1))
    const {stdout, exitCode} = await cli(['nezha', 'server', 'details', ...ids, '-o', 'id'], {
      env: sandbox.environment,
    })
    expect({exitCode, ids: stdout.trimEnd().split('\n')}).toEqual({exitCode: 0, ids})
    expect(sandbox.requests).toHaveLength(3)
  })
})
