import {describe, expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, nezhaSandbox, now} from '../../harness.js'

const minute = 60_000
const end = now.getTime()

/** A world with one server whose history is known: 3 points, one of them lost, two hours apart. */
async function measured() {
  const sandbox = await nezhaSandbox({
    servers: [{name: 'web1'}, {name: 'secret1', hidden: true}, {name: 'new1', state: 'never'}],
    monitors: [{name: 'ping 1.1.1.1'}, {name: 'tcp db', type: 'tcp'}],
  })
  const pings = [
    {at: end - 240 * minute, delayMs: 10},
    {at: end - 120 * minute, delayMs: 0},
    {at: end - minute, delayMs: 32.5},
  ]
  sandbox.state.setPings(1, 1, pings)
  sandbox.state.setPings(1, 2, [{at: end - minute, delayMs: 0}])
  sandbox.state.setPings(2, 1, pings)
  return sandbox
}

/** What is said of points, each of which stands for some probes. */
const ofFew =
  'the points are means of some probes each, two where nobody set another number: LOSS counts those that were lost as a whole, and a lost probe of another is 0 ms to AVG\n'

const guest = (environment: Readonly<Record<string, string>>) => ({...environment, NEZHA_TOKEN: undefined})

describe('nezha monitor show', () => {
  test('counts a delay of 0 as lost, and says what is hidden in the others', async () => {
    const {environment: env} = await measured()
    expect(await cli('nezha monitor show 1', {env})).toEqual({
      exitCode: 0,
      stderr: ofFew,
      stdout: [
        'MONITOR       POINTS     LAST      MIN      AVG      MAX     LOSS  DELAY',
        'ping 1.1.1.1       3  32.5 ms  10.0 ms  21.3 ms  32.5 ms   33.3 %  ▁·█',
        'tcp db             1        -        -        -        -  100.0 %    ·',
        '',
      ].join('\n'),
    })
  })

  test('draws all delays over the same time, and nothing where nothing was measured', async () => {
    const sandbox = await nezhaSandbox({
      servers: [{name: 'web1'}],
      monitors: [{name: 'ping 1.1.1.1'}, {name: 'tcp db', type: 'tcp'}],
    })
    const day = Array.from({length: 1440}, (_, index) => ({at: end - (1439 - index) * minute, delayMs: 10}))
    sandbox.state.setPings(
      1,
      1,
      day.filter((_, index) => index < 360 || index >= 1080),
    )
    sandbox.state.setPings(1, 2, day.slice(-60))
    const {stdout} = await cli('nezha monitor show 1 --columns delay,monitor', {env: sandbox.environment})
    expect(stdout.split('\n').slice(1, 3)).toEqual([
      '▁▁▁▁▁▁        ▁▁▁▁▁▁  ping 1.1.1.1',
      `${' '.repeat(18)}▁▁  tcp db`,
    ])
  })

  test('gives the arrays of the panel as JSON', async () => {
    const {environment: env} = await measured()
    const {stdout} = await cli('nezha monitor show web1 -o json', {env})
    expect(JSON.parse(stdout)).toEqual([
      {
        monitor_id: 1,
        server_id: 1,
        monitor_name: 'ping 1.1.1.1',
        server_name: 'web1',
        created_at: [end - 240 * minute, end - 120 * minute, end - minute],
        avg_delay: [10, 0, 32.5],
      },
      {
        monitor_id: 2,
        server_id: 1,
        monitor_name: 'tcp db',
        server_name: 'web1',
        created_at: [end - minute],
        avg_delay: [0],
      },
    ])
  })

  test.each([
    ['-o id', '1\n2\n'],
    [
      '-o csv',
      'monitor,points,last,min,avg,max,loss\nping 1.1.1.1,3,32.5,10,21.25,32.5,33.333333333333336\ntcp db,1,,,,,100\n',
    ],
    ['-o csv --columns monitor,delay', 'monitor,delay\nping 1.1.1.1,"10,,32.5"\ntcp db,\n'],
    ['--columns id,monitor --sort id:desc', 'ID  MONITOR\n 2  tcp db\n 1  ping 1.1.1.1\n'],
  ])('has the other formats: %s', async (flags, stdout) => {
    const {environment: env} = await measured()
    expect(await cli(`nezha monitor show 1 ${flags}`, {env})).toEqual({exitCode: 0, stderr: ofFew, stdout})
  })

  test('cuts off what is older than --since, in JSON too', async () => {
    const {environment: env} = await measured()
    const pointsSince = async (since: string) => {
      const {stdout} = await cli(`nezha monitor show 1 --since ${since} -o json`, {env})
      return JSON.parse(stdout).map(({avg_delay}: {avg_delay: number[]}) => avg_delay)
    }
    expect(await pointsSince('2h')).toEqual([[0, 32.5], [0]])
    expect(await pointsSince('119m')).toEqual([[32.5], [0]])
    expect(await pointsSince('30s')).toEqual([[], []])
    expect((await cli('nezha monitor show 1 --since 30s', {env})).stdout).toBe(
      [
        'MONITOR       POINTS  LAST  MIN  AVG  MAX  LOSS  DELAY',
        'ping 1.1.1.1       0     -    -    -    -     -  -',
        'tcp db             0     -    -    -    -     -  -',
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['NEZHA_TOKEN', 'token', 'of-another-panel'],
    ['NEZHA_COOKIE', 'cookie', 'nezha-dashboard=of-another-panel'],
  ])(
    'is exit 4 with a %s that the panel does not know, as it answers as to a guest',
    async (name, kind, value) => {
      const sandbox = await nezhaSandbox()
      const guest = {NEZHA_DASHBOARD_URL: sandbox.url}
      for (const line of ['nezha monitor show 1', 'nezha api GET /api/v1/monitor/1']) {
        expect(await cli(line, {env: guest})).toMatchObject({exitCode: 0})
        expect(await cli(line, {env: sandbox.environment})).toMatchObject({exitCode: 0})
        const outcome = await cli(line, {env: {...guest, [name]: value}})
        expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
        expect(outcome.stderr).toContain(`Nezha does not know the ${kind}, and answers as to a guest`)
      }
    },
  )

  test('says that the panel keeps less than what --since asks for', async () => {
    const {environment: env} = await nezhaSandbox()
    const said = 'the panel keeps 24 hours of these records: older ones are gone\n'
    expect((await cli('nezha monitor show 1 --since 7d', {env})).stderr).toBe(`${said}${ofFew}`)
    expect((await cli('nezha monitor show 1 --since 24h', {env})).stderr).toBe(ofFew)
  })

  test('refuses a --since that is no duration', async () => {
    const sandbox = await measured()
    expect(await cli('nezha monitor show 1 --since yesterday', {env: sandbox.environment})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'panelctl: --since: "yesterday" is not a duration\nhint: write it as 500ms, 30s, 5m, 2h or 7d\n',
    })
    expect(paths(sandbox)).toEqual([])
  })

  test('takes null, which is what the panel says of no data, for an empty list', async () => {
    const {environment: env} = await measured()
    expect(await cli('nezha monitor show 3 -o json', {env})).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: '[]\n',
    })
    expect(await cli('nezha monitor show 3', {env})).toEqual({
      exitCode: 0,
      stderr: 'no monitors with measurements\n',
      stdout: 'MONITOR  POINTS  LAST  MIN  AVG  MAX  LOSS  DELAY\n',
    })
  })

  test('works without credentials for an id', async () => {
    const sandbox = await measured()
    const outcome = await cli('nezha monitor show 1 -o id', {env: guest(sandbox.environment)})
    expect(outcome).toEqual({exitCode: 0, stderr: ofFew, stdout: '1\n2\n'})
    expect(sandbox.requests[0]?.headers.authorization).toBeUndefined()
    expect(paths(sandbox)).toEqual(['GET /api/v1/monitor/1'])
  })

  test('needs credentials for a name, because guests may not list', async () => {
    const {environment} = await measured()
    expect(await cli('nezha monitor show web1', {env: guest(environment)})).toMatchObject({
      exitCode: 4,
      stdout: '',
    })
  })

  test('exits with 4 for a hidden server without credentials, and shows it with them', async () => {
    const {environment} = await measured()
    const outcome = await cli('nezha monitor show 2 -o json', {env: guest(environment)})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'AUTH', status: 403, panel: 'nezha'})
    expect(await cli('nezha monitor show 2 -o id', {env: environment})).toMatchObject({
      exitCode: 0,
      stdout: '1\n',
    })
  })

  test('exits with 4 behind a view password, which a second cookie opens', async () => {
    const sandbox = await nezhaSandbox({servers: [{name: 'web1'}], viewPassword: 'let-me-in'})
    const env = guest(sandbox.environment)
    expect(await cli('nezha monitor show 1', {env})).toMatchObject({exitCode: 4, stdout: ''})
    const cookie = `nezha-dashboard-vp=${sandbox.state.viewPasswordCookie()}`
    expect(await cli('nezha monitor show 1 -o id', {env: {...env, NEZHA_COOKIE: cookie}})).toMatchObject({
      exitCode: 0,
      stdout: '1\n2\n',
    })
  })

  test('exits with 3 for a server that is not there', async () => {
    const {environment: env} = await measured()
    const outcome = await cli('nezha monitor show 99 -o json', {env})
    expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code: 'NOT_FOUND', hint: 'panelctl nezha server list'})
    expect(await cli('nezha monitor show mars', {env})).toMatchObject({exitCode: 3, stdout: ''})
  })

  test('exits with 5 when the database is locked, which comes with HTTP 200, and does not try again', async () => {
    const sandbox = await measured()
    sandbox.state.databaseLock = 'everything'
    const outcome = await cli('nezha monitor show 1 -o json', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({
      code: 'REJECTED',
      message: expect.stringContaining('database is locked'),
    })
    expect(sandbox.requests).toHaveLength(1)
  })
})
