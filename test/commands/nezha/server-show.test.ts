import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, nezhaSandbox, now} from '../../harness.js'

const gigabyte = 1024 ** 3

const web1 = {
  name: 'web1',
  tag: 'Production',
  ipv4: '203.0.113.10',
  ipv6: '2001:db8::10',
  host: {
    Platform: 'debian',
    PlatformVersion: '12.11',
    CPU: ['Xeon 2 Virtual Core'],
    MemTotal: 4 * gigabyte,
    DiskTotal: 100 * gigabyte,
    SwapTotal: gigabyte,
    Arch: 'x86_64',
    Virtualization: 'kvm',
    BootTime: now.getTime() / 1000 - 90_061,
    CountryCode: 'hk',
    Version: '0.20.5',
    GPU: null,
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
    Uptime: 90_061,
    Load1: 0.5,
    Load5: 0.25,
    Load15: 0.1,
    TcpConnCount: 3,
    UdpConnCount: 2,
    ProcessCount: 99,
    Temperatures: null,
    GPU: 0,
  },
}

const page = [
  'ID              1',
  'NAME            web1',
  'TAG             Production',
  'LAST ACTIVE     0s ago',
  'IP              203.0.113.10',
  'IPV4            203.0.113.10',
  'IPV6            2001:db8::10',
  'CPU             12.3 %',
  'MEMORY          25.0 %',
  'DISK            50.0 %',
  'LOAD            0.50',
  'NET IN          2.0 KiB/s',
  'NET OUT         10 B/s',
  'UPTIME          1d 1h',
  'LOAD5           0.25',
  'LOAD15          0.10',
  'MEMORY USED     1.0 GiB',
  'MEMORY TOTAL    4.0 GiB',
  'SWAP USED       0 B',
  'SWAP TOTAL      1.0 GiB',
  'DISK USED       50.0 GiB',
  'DISK TOTAL      100.0 GiB',
  'NET IN TOTAL    3.0 GiB',
  'NET OUT TOTAL   512 B',
  'TCP             3',
  'UDP             2',
  'PROCESSES       99',
  'GPU             -',
  'TEMPERATURE     -',
  'PLATFORM        debian 12.11',
  'ARCH            x86_64',
  'VIRTUALIZATION  kvm',
  'CPU MODEL       Xeon 2 Virtual Core',
  'GPU MODEL       -',
  'COUNTRY         hk',
  'AGENT           0.20.5',
  'UUID            -',
  'NOTE            -',
  'PUBLIC NOTE     -',
  '',
].join('\n')

describe('nezha server show', () => {
  test('shows everything of a server given by its id', async () => {
    const sandbox = await nezhaSandbox({servers: [web1]})
    const outcome = await cli('nezha server show 1', {env: sandbox.environment})
    expect(outcome).toEqual({exitCode: 0, stderr: '', stdout: page})
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/details?id=1'])
  })

  test('finds a server by its name', async () => {
    const sandbox = await nezhaSandbox({servers: [web1]})
    const outcome = await cli('nezha server show web1', {env: sandbox.environment})
    expect(outcome).toEqual({exitCode: 0, stderr: '', stdout: page})
    expect(paths(sandbox)).toEqual(['GET /api/v1/server/list', 'GET /api/v1/server/details?id=1'])
  })

  test('gives one object as JSON', async () => {
    const {environment} = await nezhaSandbox({servers: [web1]})
    const {stdout} = await cli('nezha server show 1 -o json', {env: environment})
    expect(JSON.parse(stdout)).toEqual({
      id: 1,
      name: 'web1',
      tag: 'Production',
      last_active: now.getTime() / 1000,
      ipv4: '203.0.113.10',
      ipv6: '2001:db8::10',
      valid_ip: '203.0.113.10',
      display_index: 0,
      hide_for_guest: false,
      host: web1.host,
      status: web1.status,
    })
  })

  test.each([
    ['-o id', '1\n'],
    [
      '-o csv --columns id,name,last_active,cpu',
      'id,name,last_active,cpu\n1,web1,2026-11-21T12:00:00.000Z,12.34\n',
    ],
    ['--columns name,cpu', 'NAME  web1\nCPU   12.3 %\n'],
  ])('has the other formats: %s', async (flags, stdout) => {
    const {environment} = await nezhaSandbox({servers: [web1]})
    expect(await cli(`nezha server show 1 ${flags}`, {env: environment})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout,
    })
  })

  test('shows no use of a disk that the agent told nothing of', async () => {
    const untold = {...web1, host: {...web1.host, DiskTotal: 0}, status: {...web1.status, DiskUsed: 0}}
    const {environment} = await nezhaSandbox({servers: [untold]})
    const line = 'nezha server show 1 --columns disk,disk_used,disk_total,swap_used'
    expect((await cli(line, {env: environment})).stdout).toBe(
      'DISK        -\nDISK USED   -\nDISK TOTAL  -\nSWAP USED   0 B\n',
    )
  })

  test('prints one line of JSON with -o ndjson, and a document with -o yaml', async () => {
    const {environment} = await nezhaSandbox({servers: [web1]})
    const {stdout} = await cli('nezha server show 1 -o ndjson', {env: environment})
    expect(stdout).toMatch(/^\{"id":1,"name":"web1".*\}\n$/)
    expect((await cli('nezha server show 1 -o yaml', {env: environment})).stdout).toMatch(
      /^id: 1\nname: web1\n[\s\S]*host:\n {2}Platform: debian\n/,
    )
  })

  test('says which servers an ambiguous name has', async () => {
    const {environment} = await nezhaSandbox({
      servers: [{name: 'web', tag: 'A'}, {name: 'web', tag: ''}, {name: 'db'}],
    })
    expect(await cli('nezha server show web', {env: environment})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'panelctl: 2 servers are called "web": 1 (A), 2\nhint: give the id\n',
    })
  })

  test.each([
    ['wb1', 'there is no server "wb1"', 'did you mean "web1"?'],
    ['mars', 'there is no server "mars"', 'panelctl nezha server list'],
    ['99', 'there is no server "99"', 'panelctl nezha server list'],
  ])('exits with 3 for an unknown one: %s', async (reference, message, hint) => {
    const {environment} = await nezhaSandbox({servers: [web1]})
    const outcome = await cli(`nezha server show ${reference} -o json`, {env: environment})
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(failureOf(outcome)).toEqual({code: 'NOT_FOUND', exitCode: 3, message, hint, panel: 'nezha'})
  })

  test('takes digits as an id first, and as a name where there is no such id', async () => {
    const {environment: env} = await nezhaSandbox({
      servers: [
        {name: '2', state: 'never'},
        {name: 'other', state: 'never'},
        {name: '2024', state: 'never'},
        {name: '007', state: 'never'},
      ],
    })
    const idOf = async (reference: string) =>
      (await cli(`nezha server show ${reference} -o id`, {env})).stdout
    expect(await idOf('2')).toBe('2\n')
    expect(await idOf('2024')).toBe('3\n')
    expect(await idOf('007')).toBe('4\n')
  })

  test('finds names with spaces, and does not take part of a name for it', async () => {
    const {environment: env} = await nezhaSandbox({servers: [{name: 'my web server', state: 'never'}]})
    expect((await cli(['nezha', 'server', 'show', 'my web server', '-o', 'id'], {env})).stdout).toBe('1\n')
    expect(await cli('nezha server show web', {env})).toMatchObject({exitCode: 3, stdout: ''})
  })

  test('cannot sort one thing', async () => {
    const sandbox = await nezhaSandbox({servers: [web1]})
    const outcome = await cli('nezha server show 1 --sort name', {env: sandbox.environment})
    expect(outcome).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'panelctl: --sort goes with lists\nhint: leave out --sort\n',
    })
    expect(paths(sandbox)).toEqual([])
  })

  test.each([
    ['', 'missing argument SERVER'],
    ['1 2', 'unexpected argument "2"'],
  ])('wants one server: %s', async (words, message) => {
    expect(await cli(`nezha server show ${words}`)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `panelctl: ${message}\nhint: panelctl nezha server show --help\n`,
    })
  })
})
