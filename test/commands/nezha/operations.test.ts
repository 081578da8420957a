import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, dashboardSandbox, now, temporaryFolder} from '../../harness.js'

async function dashboard(generation: 'v1' | 'v2' = 'v2', profile = 'current') {
  const panel = await dashboardSandbox({generation, profile})
  const {NEZHA_TOKEN: token, ...environment} = panel.environment
  const env = {...environment, NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: panel.password}
  const run = (line: string) => cli(`nezha ${line}`, {env})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  const [first, second] = await json('server list')
  return {panel, run, json, token, names: [first.name, second.name]}
}

describe('trap 44: a task is run by the call that the version has, and is told to be sent', () => {
  test.each([
    ['v1', 'current', 'GET'],
    ['v2', 'current', 'POST'],
    ['v2', '2.0.10', 'GET'],
  ] as const)('%s %s: %s', async (generation, profile, method) => {
    const {run, json, panel} = await dashboard(generation, profile)
    await run('cron create backup --scheduler "@every 1h" --command x --server 1')
    expect((await json('cron show backup')).last_executed_at).toBeNull()
    const outcome = await run('cron run backup')
    expect(outcome).toMatchObject({
      exitCode: 0,
      stderr: 'sent the task backup; what comes of it is not told here\n',
    })
    const sent = paths(panel).filter(path => path.endsWith('/manual'))
    expect(sent.at(-1)).toBe(`${method} /api/v1/cron/1/manual`)
    expect((await json('cron show backup')).last_executed_at).toMatch(/^20/)
    expect(failureOf(await run('cron run nope -o json'))).toMatchObject({exitCode: 3})
  })
})

test('a task is not kept for servers that are offline, which are named', async () => {
  const panel = await dashboardSandbox({
    servers: [{name: 'web1'}, {name: 'backup1', state: 'offline'}, {name: 'spare1', state: 'never'}],
  })
  const run = (line: string) => cli(`nezha cron ${line}`, {env: panel.environment})
  const create = (name: string, flags: string) =>
    run(`create ${name} --scheduler "@every 1h" --command x ${flags}`)
  await create('some', '--server web1 --server backup1')
  await create('rest', '--cover all-but --server backup1')
  expect(await run('run some rest')).toMatchObject({
    exitCode: 0,
    stderr: [
      'warning: the task some is not run on servers that are offline: backup1',
      'sent the task some; what comes of it is not told here',
      'warning: the task rest is not run on servers that are offline: spare1',
      'sent the task rest; what comes of it is not told here',
      '',
    ].join('\n'),
  })
})

test.each([
  [
    '--task-type triggered --cover alerting',
    'is run on the server whose alert triggers it, and by hand on none',
  ],
  ['--scheduler "@every 1h"', 'is for no server'],
])('a task with %s is not told to be sent: run by hand it goes to nobody', async (flags, why) => {
  const {run, panel} = await dashboard()
  await run(`cron create clean --command x ${flags}`)
  expect(failureOf(await run('cron run clean -o json'))).toMatchObject({
    exitCode: 5,
    message: `the task clean ${why}`,
  })
  expect(paths(panel).filter(path => path.endsWith('/manual'))).toEqual([])
})

test('trap 47: making one sends no message; a test message is sent with what is stored, and what the panel says of it is the error', async () => {
  const {run, panel} = await dashboard('v1')
  const url = join(temporaryFolder(), 'url.txt')
  writeFileSync(url, 'https://hook.example.com/')
  await run(`notification create ops --url-file ${url}`)
  expect(failureOf(await run('notification test ops -o json'))).toMatchObject({
    exitCode: 5,
    message: expect.stringContaining('HTTP URL target is not allowed'),
  })
  const sent = panel.requests.filter(({method, path}) => method !== 'GET' && path.includes('/notification'))
  expect(sent.map(({body}) => JSON.parse(body))).toMatchObject([
    {url: 'https://hook.example.com/', skip_check: true},
    {url: 'https://hook.example.com/', skip_check: false},
  ])
})

test.each(['server metrics 1 --metric cpu', 'monitor show 1'])(
  'a guest who asks for more than a day of %s is told so, and not that the server is unknown',
  async line => {
    const panel = await dashboardSandbox({generation: 'v2'})
    const env = {NEZHA_DASHBOARD_URL: panel.url}
    const outcome = await cli(`nezha ${line} --since 7d -o json`, {env})
    expect(failureOf(outcome)).toMatchObject({
      code: 'AUTH',
      message: expect.stringMatching(/^guests are told one day; .* said: unauthorized: only 1d data/),
      hint: expect.stringContaining('--since 1d, or with a credential'),
    })
    expect(await cli(`nezha ${line} --since 1d`, {env})).toMatchObject({exitCode: 0})
  },
)

test('a time that is shorter than a point of the panel shows the point that it lies in', async () => {
  const panel = await dashboardSandbox({
    generation: 'v2',
    servers: [{name: 'web1'}],
    monitors: [{name: 'web'}],
  })
  const start = Math.floor(now.getTime() / 30_000) * 30_000
  panel.state.setPings(1, 1, [{at: start, delayMs: 20}])
  for (const line of ['service history web', 'monitor show web1']) {
    const outcome = await cli(`nezha ${line} --since 1ms --columns points -o csv`, {env: panel.environment})
    expect(outcome).toMatchObject({stdout: 'points\n1\n', stderr: ''})
  }
  const {stdout} = await cli('nezha server metrics web1 --metric cpu --since 1ms -o json', {
    env: panel.environment,
  })
  expect(JSON.parse(stdout)).not.toHaveLength(0)
})

describe('the history of a service', () => {
  test('has each server, of the time that was asked for alone', async () => {
    const {json, run, panel} = await dashboard()
    const name = '1'
    const rows = await json(`service history ${name} --since 30m`)
    expect(rows.map((row: {server_name: string}) => row.server_name)).toContain('db1')
    const times = rows.flatMap((row: {stats: {data_points: {ts: number}[]}}) => row.stats.data_points)
    expect(times.length).toBeGreaterThan(10)
    expect(new Set(times.map(({ts}: {ts: number}) => ts)).size).toBeLessThan(62)
    expect(paths(panel).at(-1)).toBe('GET /api/v1/service/1/history?period=1d')
    expect((await run(`service history ${name} --chart`)).stdout).toContain('db1')
    expect((await run(`service history ${name}`)).stdout).toMatch(/^SERVER +POINTS +LAST/)
  })

  test('counts every probe that was lost, as a point of half an hour has the majority of many', async () => {
    const {json, run} = await dashboard()
    const [row] = await json('service history 2 --since 7d')
    const lost = (100 * row.stats.total_down) / (row.stats.total_up + row.stats.total_down)
    expect(lost).toBeGreaterThan(0)
    expect(lost).toBeLessThan(50)
    const {stdout, stderr} = await run('service history 2 --since 7d --columns loss -o csv')
    expect(Number(stdout.split('\n')[1])).toBeCloseTo(lost)
    expect(stderr).toBe('')
    // Of a part of what the panel counts, nobody knows more than the points.
    const part = await run('service history 2 --since 3d')
    expect(part.stderr).toContain(
      'the points are means of 30 minutes: LOSS counts those of which half or more was lost,',
    )
    const monitors = await run('monitor show 1 --since 3d')
    expect(monitors.stderr).toContain('the points are means of 30 minutes')
    expect((await run('monitor show 1 --since 1d')).stderr).toBe('')
    const [cut] = await json('service history 2 --since 3d')
    expect(cut.stats.total_up + cut.stats.total_down).toBe(cut.stats.data_points.length)
  })

  test('averages the probes that came back, though to the panel a lost one took 0 ms', async () => {
    const monitors = [{name: 'web', delayMs: 20, loss: 0.4}]
    const panel = await dashboardSandbox({generation: 'v2', servers: [{name: 'web1'}], monitors})
    const run = (line: string) => cli(`nezha service history ${line}`, {env: panel.environment})
    const {avg_delay, up_percent} = JSON.parse((await run('web -o json')).stdout)[0].stats
    for (const period of ['', '--since 7d']) {
      const [avg, loss] =
        (await run(`web ${period} --columns avg,loss -o csv`)).stdout.split('\n')[1]?.split(',') ?? []
      expect(Number(avg)).toBeCloseTo((100 * avg_delay) / up_percent, 0)
      expect(Number(avg)).toBeGreaterThan(15)
      expect(Number(loss)).toBeGreaterThan(30)
    }
    // What panelctl makes of a part counts in the way of the panel.
    const [{stats}] = JSON.parse((await run('web --since 1h -o json')).stdout)
    const [, part] = (await run('web --since 1h --columns avg -o csv')).stdout.split('\n')
    expect(Number(part)).toBeCloseTo((100 * stats.avg_delay) / stats.up_percent)
  })

  test('is where a loss stands that the points of a server hide, which says so', async () => {
    const monitors = [{name: 'web'}]
    const panel = await dashboardSandbox({generation: 'v2', servers: [{name: 'web1'}], monitors})
    const start = Math.floor(now.getTime() / 60_000) * 60_000 - 600_000
    const probes = [0, 10, 30, 40].map(second => ({
      at: start + second * 1000,
      delayMs: second % 20 === 0 ? 20 : 0,
    }))
    panel.state.setPings(1, 1, probes)
    const run = (line: string) => cli(`nezha ${line} --columns avg,loss -o csv`, {env: panel.environment})
    expect(await run('service history web')).toMatchObject({stdout: 'avg,loss\n20,50\n', stderr: ''})
    const points = await run('monitor show web1')
    expect(points.stdout).toBe('avg,loss\n10,0\n')
    expect(points.stderr).toBe(
      'the points are means of 30 seconds: LOSS counts those that were lost as a whole, and a lost probe of another is 0 ms to AVG; nezha service history counts every probe of a day, a week or a month\n',
    )
  })

  test.each([
    ['v1', true],
    ['v2', false],
  ] as const)(
    'hides a loss from the points of a server of %s without TSDB, too, which says so',
    async (generation, tsdb) => {
      const panel = await dashboardSandbox({generation, tsdb})
      const outcome = await cli('nezha monitor show 1', {env: panel.environment})
      expect(outcome).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(
          /^the points are means of some probes each, two where .* 0 ms to AVG\n$/,
        ),
      })
    },
  )

  test('says which points it counts as lost: not those alone that the points of a server do', async () => {
    const panel = await dashboardSandbox({
      generation: 'v2',
      servers: [{name: 'web1'}],
      monitors: [{name: 'web'}],
    })
    const start = Math.floor(now.getTime() / 60_000) * 60_000 - 600_000
    const points = [
      [20, 20, 20],
      [20, 0],
      [20, 20, 0],
      [0, 0, 0],
    ]
    const probes = points.flatMap((delays, point) =>
      delays.map((delayMs, index) => ({at: start + point * 30_000 + index * 10_000, delayMs})),
    )
    panel.state.setPings(1, 1, probes)
    const run = (line: string) => cli(`nezha ${line} --since 30m -o csv`, {env: panel.environment})
    const history = await run('service history web --columns points,loss')
    expect(history).toMatchObject({
      stdout: 'points,loss\n4,50\n',
      stderr:
        'the points are means of 30 seconds: LOSS counts those of which half or more was lost, and a lost probe of another is 0 ms to AVG\n',
    })
    expect((await run('monitor show web1 --columns points,loss')).stdout).toBe('points,loss\n4,25\n')
  })

  test('is of v2 alone', async () => {
    const {run} = await dashboard('v1')
    expect(failureOf(await run('service history 1 -o json'))).toMatchObject({exitCode: 5})
  })
})

test('trap 56: who is blocked cannot unblock itself, is told who can, and asks once', async () => {
  const panel = await dashboardSandbox({generation: 'v2', realIpHeader: 'NZ::Use-Peer-IP'})
  const wrong = {NEZHA_DASHBOARD_URL: panel.url, NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: 'wrong'}
  expect(await cli('nezha waf list', {env: wrong})).toMatchObject({exitCode: 4})
  panel.requests.length = 0
  const outcome = await cli('nezha waf unblock 127.0.0.1 -o json', {env: panel.environment})
  expect(failureOf(outcome)).toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('blocks this address'),
    hint: expect.stringContaining('from another address: panelctl nezha waf unblock IP'),
  })
  expect(panel.requests).toHaveLength(1)
})

test('the firewall is shown, all pages of it, and lets in whom it is told to', async () => {
  const {json, run, panel} = await dashboard()
  for (let index = 1; index <= 130; index++) panel.state.firewall.strike(`198.51.100.${index}`, 0)
  const blocks = await json('waf list')
  expect(blocks).toHaveLength(130)
  expect(blocks[0]).toMatchObject({ip: '198.51.100.1', count: 1})
  expect(await run('waf unblock 198.51.100.1')).toMatchObject({exitCode: 0})
  expect(failureOf(await run('waf unblock 198.51.100.1 -o json'))).toMatchObject({
    exitCode: 3,
    reason: 'missing',
  })
  expect(await run('waf unblock 198.51.100.1 --if-missing skip')).toMatchObject({exitCode: 0})
  expect(await json('waf list')).toHaveLength(129)
})

test('an address is shut out by all its rows together, as the firewall counts, and by hand for good', async () => {
  const {run, json, panel} = await dashboard()
  const row = (ip: string, count: number, at: number) => ({ip, count, block_timestamp: at, block_reason: 1})
  const value = [row('198.51.100.1', 2, 1000), row('198.51.100.2', 99_999, 500), row('198.51.100.1', 1, 400)]
  const change = () => ({success: true, data: {value}})
  panel.faults.next({kind: 'wrong-types', change}, {path: '/api/v1/waf', times: 3})
  // 1000 + (2 + 1)⁴.
  const until = '1970-01-01T00:18:01.000Z'
  const {stdout} = await run('waf list -o csv --columns until')
  expect(stdout).toBe(`until\n${until}\n""\n${until}\n`)
  expect((await run('waf list --columns ip,until')).stdout).toMatch(/198\.51\.100\.2 +for good\n/)
  expect(await json('waf list')).toEqual(value)
})

test('the history of a service says without TSDB that it counts no single probe', async () => {
  for (const tsdb of [true, false]) {
    const {environment: env} = await dashboardSandbox({generation: 'v2', tsdb})
    const {stderr} = await cli('nezha service history 2', {env})
    expect(stderr).toContain(tsdb ? '' : 'the points are means of some probes each')
    if (tsdb) expect(stderr).toBe('')
  }
})

describe.each([
  ['v1', '1.4.0'],
  ['v1', 'current'],
  ['v2', 'current'],
] as const)('settings of %s %s', (generation, profile) => {
  test('keep what is not given', async () => {
    const {json, run, panel} = await dashboard(generation, profile)
    await run('setting set --custom-code "<b>x</b>" --install-host dash.example.com:443 --tls')
    const before = await json('setting show')
    expect(before).toMatchObject({custom_code: '<b>x</b>', tls: true, user_template: 'user-dist'})
    expect(await json('setting set --site-name Ours --language zh_CN')).toEqual({
      ...before,
      site_name: 'Ours',
      language: 'zh-CN',
      changed: true,
    })
    expect(await json('setting set --site-name Ours')).toMatchObject({changed: false})
    const sent = panel.requests.filter(({method}) => method === 'PATCH').map(({body}) => body)
    expect(sent).toHaveLength(2)
    expect(sent.join()).not.toMatch(/secret|admin_template/)
  })

  test('that can lock everybody out are asked about', async () => {
    const {run, panel} = await dashboard(generation, profile)
    const file = join(temporaryFolder(), 'settings.yaml')
    writeFileSync(file, 'web_real_ip_header: X-Real-IP\n')
    expect(failureOf(await run(`setting set --file ${file} -o json`))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('Wherever a request does not bring it, nothing answers any more'),
    })
    expect(panel.requests.some(({method}) => method === 'PATCH')).toBe(false)
    expect(await run('setting set --web-real-ip-header NZ::Use-Peer-IP --yes')).toMatchObject({exitCode: 0})
    expect(await run('setting set --web-real-ip-header ""')).toMatchObject({exitCode: 0})
  })
})

test('trap 52: settings are neither shown nor changed with an API token alone, which is told of a few, whatever its scopes', async () => {
  const {panel, token} = await dashboard()
  const [user] = panel.state.users.values()
  if (!user) throw new Error('no user')
  const few = panel.state.addPat({name: 'few', scopes: ['nezha:inventory:read'], user})
  for (const NEZHA_TOKEN of [token, few.token]) {
    const env = {...panel.environment, NEZHA_TOKEN}
    for (const line of ['setting show', 'setting set --site-name x', 'export setting'])
      expect(failureOf(await cli(`nezha ${line} -o json`, {env}))).toMatchObject({
        exitCode: 4,
        message: 'Nezha tells the settings to the session of an administrator alone',
      })
  }
  for (const NEZHA_TOKEN of ['nzp_wrong', '']) {
    const outcome = await cli('nezha setting show -o json', {env: {...panel.environment, NEZHA_TOKEN}})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/refused the token|none were given/),
    })
  }
  expect(panel.requests.some(({method}) => method === 'PATCH')).toBe(false)
})

describe.each(['v1', 'v2'] as const)('agents of %s', generation => {
  test('are configured with what is given, and tell it', async () => {
    const {json, run, panel, names} = await dashboard(generation)
    const [name = ''] = names
    const {stdout} = await run(`agent config show ${name} -o json`)
    expect(JSON.parse(stdout)).toMatchObject({report_delay: 3, client_secret: '********'})
    expect((await json(`agent config show ${name} --show-secrets`)).client_secret).toMatch(/^\w{32}$/)
    const outcome = await run(`agent config set ${name} --report-delay 2 --agent-debug --wait`)
    expect(outcome).toMatchObject({exitCode: 0, stderr: expect.stringContaining('tells the new values')})
    const sent = panel.requests.findLast(({path}) => path === '/api/v1/server/config')
    const {servers, config} = JSON.parse(sent?.body ?? '')
    expect([servers, JSON.parse(config)]).toEqual([[1], {report_delay: 2, debug: true}])
    expect(await json(`agent config show ${name}`)).toMatchObject({report_delay: 2, debug: true, gpu: false})
    const before = panel.requests.length
    expect(await json(`agent config set ${name} --report-delay 2`)).toMatchObject({name, changed: false})
    // An agent starts anew with whatever it is sent.
    const sentAgain = panel.requests.slice(before).map(({method, path}) => `${method} ${path}`)
    expect(sentAgain.filter(line => line === 'GET /api/v1/server')).toHaveLength(1)
    expect(sentAgain).not.toContain('POST /api/v1/server/config')
    for (const line of ['', '--server x', '--report-delay 9'])
      expect(failureOf(await run(`agent config set ${name} ${line} -o json`))).toMatchObject({exitCode: 2})
  })

  test('that are offline are named', async () => {
    const {json, run, names} = await dashboard(generation)
    const servers: {id: number; name: string; online: boolean}[] = await json('server list')
    const offline = servers.find(({online}) => !online)?.name ?? ''
    for (const line of [
      `agent update ${names[0]} ${offline}`,
      `agent config set ${names[0]} ${offline} --gpu`,
    ])
      expect(failureOf(await run(`${line} -o json`))).toMatchObject({
        exitCode: 9,
        message: `1 of 2 failed: ${offline}: the agent of ${offline} is offline`,
      })
    // As for exec: a repetition may help.
    for (const line of ['update', 'config show', 'config set --gpu'])
      expect(failureOf(await run(`agent ${line} ${offline} -o json`)), line).toMatchObject({
        exitCode: 6,
        message: `the agent of ${offline} is offline`,
      })
  })
})

test.each(['v1', 'v2'] as const)(
  'an agent of %s that refuses commands is the one that tells nothing',
  async generation => {
    const {panel, run} = await dashboard(generation)
    const [server] = panel.state.listed()
    panel.state.configure(server?.uuid ?? '', {disable_command_execute: true})
    expect(failureOf(await run(`agent config show ${server?.name} -o json`))).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining(`the agent of ${server?.name} tells no configuration: `),
      hint: expect.stringContaining('disable_command_execute: false in the configuration of the agent'),
    })
    // Nor does it take any.
    const set = await run(`agent config set ${server?.name} --report-delay 2 -o json`)
    expect(failureOf(set)).toMatchObject({exitCode: 5})
    expect(panel.requests.some(({method, path}) => method === 'POST' && path.endsWith('/config'))).toBe(false)
  },
)
