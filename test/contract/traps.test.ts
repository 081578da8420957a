import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {emptyHost, emptyStatus, type NezhaStatus} from '../../src/lib/sandbox/nezha/agent.js'
import {failureOf, paths} from '../failure.js'
import {cli, nezhaSandbox, now, root} from '../harness.js'
import {replayServer} from '../replay-server.js'

const seconds = now.getTime() / 1000

/** Traps of contracts/nezha.md part 5 that no command can fall into, and why. */
const exempt: Readonly<Record<number, string>> = {
  31: 'a property of every v0 token that a client can do nothing about',
}

function trapsIn(file: string): number[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/'trap (\d+):/g)].map(([, number]) => Number(number))
}

/** Those of v1 and v2, and those about nodes and their agents. */
const elsewhere = [
  'test/commands/nezha/generations.test.ts',
  'test/commands/nezha/operations.test.ts',
  'test/commands/nezha/resources.test.ts',
  'test/lib/agent/traps.test.ts',
  'test/lib/agent/newer.test.ts',
].flatMap(trapsIn)

const covered: number[] = []

function trap(number: number, says: string, run: () => Promise<void>): void {
  covered.push(number)
  test(`trap ${number}: ${says}`, run)
}

/** An answer of another server in place of the panel's. */
function answer(status: number, body: string, contentType = 'application/json; charset=utf-8') {
  return {kind: 'status', status, body, contentType} as const
}

function frozen(status: Partial<NezhaStatus>) {
  return {
    kind: 'frozen',
    host: emptyHost,
    status: {...emptyStatus, ...status},
    lastActive: seconds,
    ipv4: '203.0.113.1',
    ipv6: '',
  } as const
}

describe('what contracts/nezha.md part 5 warns of', () => {
  trap(1, 'a refused credential comes with HTTP 200, and success has another code for register', async () => {
    const sandbox = await nezhaSandbox()
    const wrong = {...sandbox.environment, NEZHA_TOKEN: 'wrong'}
    for (const line of [
      'server list',
      'server details',
      'server details 1',
      'server show 1',
      'server register',
    ]) {
      const outcome = await cli(`nezha ${line} -o json`, {env: wrong})
      expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({
        code: 'AUTH',
        status: 200,
        hint: expect.stringContaining('API token'),
      })
    }
    const env = sandbox.environment
    expect((await cli('nezha server register', {env})).exitCode).toBe(0)
    for (const body of [
      '{"code":0,"message":"success"}',
      '{"message":"success","result":[]}',
      '{"code":0,"result":{}}',
    ]) {
      sandbox.faults.next(answer(200, body))
      expect(await cli('nezha server list', {env})).toMatchObject({exitCode: 10, stdout: ''})
    }
  })

  trap(2, 'register can answer with a JSON string: the secret is read from the object instead', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const env = sandbox.environment
    for (const flags of ['', '--simple', '--simple -o json']) {
      const {stdout} = await cli(`nezha server register ${flags}`, {env})
      expect(stdout).toMatch(/^[0-9A-Za-z]{18}\n$/)
    }
    expect(paths(sandbox)).toEqual(Array(3).fill('POST /api/v1/server/register'))
  })

  trap(3, 'register is never sent twice', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    sandbox.faults.next({kind: 'reset-before-answer-headers'}, {times: 3})
    const outcome = await cli('nezha server register --name a -o json --retries 3', {
      env: sandbox.environment,
    })
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 7,
      hint: expect.stringContaining('nezha server list'),
    })
    expect(sandbox.requests).toHaveLength(1)
    expect(sandbox.state.servers.size).toBe(1)
  })

  trap(4, 'tag silently beats ids: never both', async () => {
    const sandbox = await nezhaSandbox()
    const outcome = await cli('nezha server details 1 --tag Backup', {env: sandbox.environment})
    expect(outcome).toMatchObject({exitCode: 2, stdout: ''})
    expect(paths(sandbox)).toEqual([])
  })

  trap(5, 'ids that are bad or unknown are dropped in silence', async () => {
    const sandbox = await nezhaSandbox()
    const env = sandbox.environment
    expect(await cli('nezha server details 1 77 -o id', {env})).toMatchObject({exitCode: 9, stdout: '1\n'})
    expect(await cli('nezha server details 77 -o id', {env})).toMatchObject({exitCode: 3, stdout: ''})
    sandbox.requests.length = 0
    for (const id of ['', ',', 'abc', '0', '+1', '1,2', ' 1']) {
      const outcome = await cli(['nezha', 'server', 'details', id], {env})
      if (id === '+1') continue
      expect(outcome, id).toMatchObject({exitCode: 2, stdout: ''})
    }
    // What is sent is always a number: an empty id would mean all servers.
    expect(paths(sandbox).filter(path => !/\?id=\d+$/.test(path))).toEqual([])
  })

  trap(7, 'all servers come in another order each time', async () => {
    const {environment: env} = await nezhaSandbox({generate: 30})
    const sorted = Array.from({length: 30}, (_, index) => `${index + 1}\n`).join('')
    for (let round = 0; round < 3; round++) {
      for (const line of ['server list', 'server details', 'server list --tag group-1']) {
        const {stdout} = await cli(`nezha ${line} -o id`, {env})
        if (line.includes('--tag')) expect(stdout).toBe('1\n11\n21\n')
        else expect(stdout).toBe(sorted)
      }
    }
  })

  trap(
    8,
    'display_index and hide_for_guest are only real where all details are asked for: no columns',
    async () => {
      const {environment: env} = await nezhaSandbox()
      for (const line of ['server list', 'server details', 'server show 1']) {
        const {stdout} = await cli(`nezha ${line} --columns all -o csv`, {env})
        expect(stdout.split('\n')[0]).not.toMatch(/display|hide/)
      }
      const {stdout} = await cli('nezha server details -o json', {env})
      expect(JSON.parse(stdout)[1]).toMatchObject({id: 2, display_index: -5, hide_for_guest: true})
    },
  )

  trap(9, 'last_active of -62135596800 is never, and a clock that is a little ahead is now', async () => {
    const {environment: env, state} = await nezhaSandbox({servers: [{name: 'new1', state: 'never'}]})
    state.add({name: 'ahead', agent: {...frozen({}), lastActive: seconds + 30}})
    state.add({name: 'far', agent: {...frozen({}), lastActive: seconds + 7200}})
    expect((await cli('nezha server list --columns name,last_active', {env})).stdout).toBe(
      'NAME   LAST ACTIVE\nnew1   never\nahead  0s ago\nfar    in 2h\n',
    )
    expect((await cli('nezha server list --columns last_active -o csv', {env})).stdout).toBe(
      'last_active\n""\n2026-11-21T12:00:30.000Z\n2026-11-21T14:00:00.000Z\n',
    )
    expect(JSON.parse((await cli('nezha server list -o json', {env})).stdout)[0].last_active).toBe(
      -62135596800,
    )
  })

  trap(10, 'CPU, GPU, temperatures and monitors may be null', async () => {
    const {environment: env} = await nezhaSandbox({servers: [{name: 'new1', state: 'never'}]})
    const {stdout} = await cli('nezha server show 1 -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject({host: {CPU: null, GPU: null}, status: {Temperatures: null}})
    expect((await cli('nezha server show 1 --columns cpu_model,gpu_model', {env})).stdout).toBe(
      'CPU MODEL  -\nGPU MODEL  -\n',
    )
    expect((await cli('nezha monitor show 1 -o json', {env})).stdout).toBe('[]\n')
  })

  trap(11, 'counters may exceed 2^53 and 2^63', async () => {
    const {environment: env, state} = await nezhaSandbox({world: 'empty'})
    state.add({name: 'wrapped', agent: frozen({NetInSpeed: 2n ** 64n - 1n, NetInTransfer: 2n ** 53n + 1n})})
    const {stdout} = await cli('nezha server details -o json', {env})
    expect(JSON.parse(stdout)[0].status).toMatchObject({NetInSpeed: 2 ** 64, NetInTransfer: 2 ** 53})
    state.add({name: 'idle', agent: frozen({NetInSpeed: 0n})})
    // Such a speed is none: the counter of a network card has begun again.
    for (const order of ['net_in', 'net_in:desc']) {
      const line = `nezha server details --columns name,net_in --sort ${order}`
      expect((await cli(line, {env})).stdout).toBe('NAME     NET IN\nidle      0 B/s\nwrapped       -\n')
    }
  })

  trap(12, 'an empty body is refused, and HideForGuest is a text', async () => {
    const sandbox = await nezhaSandbox({world: 'empty'})
    const env = sandbox.environment
    for (const flags of ['', '--hide-for-guest', '--no-hide-for-guest']) {
      expect(await cli(`nezha server register ${flags}`, {env})).toMatchObject({exitCode: 0})
    }
    expect(sandbox.requests.map(({body}) => body)).toEqual([
      '{}',
      '{"HideForGuest":"on"}',
      '{"HideForGuest":"off"}',
    ])
    expect([...sandbox.state.servers.values()].map(({hidden}) => hidden)).toEqual([true, true, false])
  })

  trap(13, 'the token goes bare, without Bearer', async () => {
    const sandbox = await nezhaSandbox()
    await cli('nezha server list', {env: sandbox.environment})
    expect(sandbox.requests[0]?.headers.authorization).toBe(sandbox.token)
  })

  trap(14, 'v1 and v2 answer below the same path, and are told apart by their routes', async () => {
    const row = {id: 7, name: 'web', last_active: '0001-01-01T00:00:00Z', host: {}, state: {}}
    // Until 1.4 what is missing comes with HTTP 200.
    for (const status of [404, 200]) {
      const server = await replayServer()
      server.otherwise = {status, json: {error: '404 Not Found'}}
      server.routes['GET /api/v1/server'] = {json: {success: true, data: [row]}}
      server.routes['GET /api/v1/server-group'] = {json: {success: true}}
      const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'x'}
      for (const line of ['server list', 'server details', 'server details 7', 'server show 7']) {
        const outcome = await cli(`nezha ${line} -o id`, {env})
        expect(outcome, line).toEqual({exitCode: 0, stderr: '', stdout: '7\n'})
      }
    }
  })

  trap(15, 'a refused login of v1 and v2 is not repeated, as its firewall counts', async () => {
    const server = await replayServer()
    server.otherwise = {json: {error: 'ApiErrorUnauthorized'}}
    const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_USERNAME: 'admin', NEZHA_PASSWORD: 'wrong'}
    const outcome = await cli('nezha server list -o json --retries 3', {env})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining('blocks this address'),
    })
    expect(server.requests.map(({path}) => path)).toEqual(['/api/v1/login'])
  })

  trap(19, 'the id of monitor is that of a server', async () => {
    const sandbox = await nezhaSandbox()
    const {stdout} = await cli('nezha monitor show 香港节点 -o json', {env: sandbox.environment})
    expect(paths(sandbox)).toContain('GET /api/v1/monitor/3')
    expect(JSON.parse(stdout)[0]).toMatchObject({server_id: 3, monitor_id: 1})
  })

  trap(20, 'a delay of 0 is a lost probe, and times repeat', async () => {
    const {environment: env, state} = await nezhaSandbox({servers: [{name: 'a'}], monitors: [{name: 'm'}]})
    const at = now.getTime() - 60_000
    state.setPings(1, 1, [
      {at, delayMs: 5},
      {at: at + 1, delayMs: 0},
      {at: at + 2, delayMs: 15},
    ])
    expect((await cli('nezha monitor show 1', {env})).stdout).toBe(
      'MONITOR  POINTS     LAST     MIN      AVG      MAX    LOSS  DELAY\nm             3  15.0 ms  5.0 ms  10.0 ms  15.0 ms  33.3 %  ▁·█\n',
    )
  })

  trap(21, 'pages and empty bodies come in place of JSON, also with HTTP 200', async () => {
    const sandbox = await nezhaSandbox()
    const env = sandbox.environment
    const below = {...env, NEZHA_DASHBOARD_URL: `${sandbox.url}/sub`}
    const misled = await cli('nezha server list -o json', {env: below})
    expect(misled).toMatchObject({exitCode: 10, stdout: ''})
    expect(failureOf(misled)).toMatchObject({
      message: `Nezha v0 (0.20.13) at ${new URL(sandbox.url).host} has no GET /sub/api/v1/server/list`,
      hint: expect.stringContaining('path'),
    })
    for (const kind of ['html-200', 'html-404', 'empty-200'] as const) {
      for (const line of ['server list', 'server show web1', 'monitor show 1']) {
        sandbox.faults.next({kind})
        const outcome = await cli(`nezha ${line} -o json`, {env})
        expect(outcome, `${kind} ${line}`).toMatchObject({exitCode: 10, stdout: ''})
        expect(failureOf(outcome).code).toBe('BAD_RESPONSE')
        sandbox.faults.clear()
      }
    }
  })

  trap(
    22,
    'redirects keep the credentials on this host, leave it never, and turn no POST into a GET',
    async () => {
      const sandbox = await nezhaSandbox()
      const other = await nezhaSandbox()
      const env = sandbox.environment
      const path = '/api/v1/server/list'
      // A slash at the end of the address neither doubles one nor asks for a redirect.
      await cli('nezha server list', {env: {...env, NEZHA_DASHBOARD_URL: `${sandbox.url}//`}})
      expect(paths(sandbox)).toEqual([`GET ${path}`])

      sandbox.faults.next({kind: 'redirect', status: 301, to: `${path}?tag=Backup`})
      expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 0, stdout: '4\n5\n'})
      expect(sandbox.requests.at(-1)?.headers.authorization).toBe(sandbox.token)

      sandbox.faults.next({kind: 'redirect', to: `${other.url.replace('127.0.0.1', 'localhost')}${path}`})
      const away = await cli('nezha server list -o json', {env})
      expect(away).toMatchObject({exitCode: 10, stdout: ''})
      expect(failureOf(away).hint).toContain(`--url http://localhost:${other.port}`)
      expect(paths(other)).toEqual([])

      sandbox.requests.length = 0
      sandbox.faults.next({kind: 'redirect', status: 301, to: '/api/v1/server/register'})
      expect(await cli('nezha server register', {env})).toMatchObject({exitCode: 10, stdout: ''})
      expect(paths(sandbox)).toEqual(['POST /api/v1/server/register'])
    },
  )

  trap(29, 'no credential and no secret in logs, plans and errors', async () => {
    const sandbox = await nezhaSandbox()
    const env = sandbox.environment
    for (const line of [
      'server list --debug',
      'server list --debug -o json',
      'server register --debug --dry-run',
      'api GET /nope --debug --include',
    ]) {
      const {stdout, stderr} = await cli(`nezha ${line}`, {env})
      expect(stdout + stderr, line).not.toContain(sandbox.token)
    }
    const registered = await cli('nezha server register --debug', {env})
    expect(registered.stdout).toMatch(/^\w{18}\n$/)
    expect(registered.stderr).not.toContain(registered.stdout.trim())
    const cookie = {NEZHA_DASHBOARD_URL: sandbox.url, NEZHA_COOKIE: `nezha-dashboard=${sandbox.cookie}`}
    expect((await cli('nezha server list --debug', {env: cookie})).stderr).not.toContain(sandbox.cookie)
  })

  trap(32, 'the panel mixes snake_case and CamelCase, and JSON keeps that', async () => {
    const {environment: env} = await nezhaSandbox()
    const {stdout} = await cli('nezha server show 3 -o json', {env})
    expect(JSON.parse(stdout)).toMatchObject({
      last_active: seconds,
      valid_ip: '198.51.100.7',
      host: {CountryCode: 'hk', GPU: ['NVIDIA A100-SXM4-40GB']},
      status: {
        Temperatures: [{Name: expect.any(String), Temperature: expect.any(Number)}, expect.anything()],
      },
    })
  })

  trap(33, 'a raw ; or % in a query drops the filter: all is percent-encoded', async () => {
    const sandbox = await nezhaSandbox({
      servers: [
        {name: 'a', tag: 'x;y'},
        {name: 'b', tag: '50%'},
        {name: 'c', tag: 'a+b&c=d #1'},
        {name: 'd'},
      ],
    })
    const env = sandbox.environment
    for (const [index, tag] of ['x;y', '50%', 'a+b&c=d #1'].entries()) {
      for (const command of ['list', 'details']) {
        const {stdout} = await cli(['nezha', 'server', command, '--tag', tag, '-o', 'id'], {env})
        expect(stdout, tag).toBe(`${index + 1}\n`)
      }
    }
  })

  trap(34, 'a doubled slash is a page: exactly one joins address and path', async () => {
    const sandbox = await nezhaSandbox()
    for (const end of ['', '/', '//']) {
      const env = {...sandbox.environment, NEZHA_DASHBOARD_URL: `${sandbox.url}${end}`}
      for (const line of ['nezha server list', 'nezha api GET /api/v1/server/list']) {
        expect(await cli(line, {env})).toMatchObject({exitCode: 0})
      }
    }
    expect(new Set(paths(sandbox))).toEqual(new Set(['GET /api/v1/server/list']))
  })

  trap(35, 'a dashboard may never answer, or have its database locked', async () => {
    const sandbox = await nezhaSandbox()
    const env = sandbox.environment
    sandbox.state.wedged = true
    expect(await cli('nezha server list --timeout 500ms --retries 0', {env})).toMatchObject({
      exitCode: 6,
      stdout: '',
    })
    // Deadlocked, it has written the server all the same.
    const servers = sandbox.state.servers.size
    expect(await cli('nezha server register --timeout 500ms', {env})).toMatchObject({exitCode: 7, stdout: ''})
    expect(sandbox.state.servers.size).toBe(servers + 1)
    sandbox.state.wedged = false
    sandbox.state.databaseLock = 'writes'
    expect(await cli('nezha server register', {env})).toMatchObject({exitCode: 7, stdout: ''})
    sandbox.state.databaseLock = 'everything'
    expect(await cli('nezha server list', {env})).toMatchObject({exitCode: 4, stdout: ''})
    expect(await cli('nezha monitor show 1', {env})).toMatchObject({exitCode: 5, stdout: ''})
  })

  trap(36, 'names, tags and messages may hold control characters', async () => {
    const hostile = 'a\u001b[2Jb\u0000\r\nc\u009b31m\u202ed'
    const sandbox = await nezhaSandbox({servers: [{name: hostile, tag: hostile, state: 'never'}]})
    const env = sandbox.environment
    const harmful = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u
    for (const line of ['server list', 'server show 1', 'server list -o json', 'server list -o yaml']) {
      const {stdout, stderr} = await cli(`nezha ${line}`, {env})
      if (!line.includes('-o')) expect(stdout + stderr, line).not.toMatch(harmful)
      expect(stdout, line).not.toMatch(/[^\P{Cc}\n]/u)
    }
    const {stdout} = await cli('nezha server list -o json', {env})
    expect(JSON.parse(stdout)[0].name).toBe(hostile)
    // Of the panel, and of a gateway: the panel has fixed words for HTTP 400 (1.5).
    for (const [status, exitCode] of [[200, 5] as const, [400, 10] as const]) {
      sandbox.faults.next(answer(status, JSON.stringify({code: 400, message: hostile})))
      const refused = await cli('nezha monitor show 1', {env})
      expect(refused.exitCode).toBe(exitCode)
      expect(refused.stderr).toContain('ab cd')
      expect(refused.stderr).not.toMatch(harmful)
    }
    expect((await cli(['nezha', 'server', 'show', `${hostile}x`], {env})).stderr).not.toMatch(harmful)
  })

  trap(38, 'right after an agent connects there is a host, and still no report', async () => {
    const {environment: env, state} = await nezhaSandbox({servers: [{name: 'new1', state: 'never'}]})
    const {secret} = state.servers.get(1) ?? {}
    state.report(secret ?? '', 4)
    expect((await cli('nezha server details --columns last_active,cpu,uptime', {env})).stdout).toBe(
      'LAST ACTIVE  CPU  UPTIME\nnever        -    -\n',
    )
    const [server] = JSON.parse((await cli('nezha server details -o json', {env})).stdout)
    expect(server).toMatchObject({last_active: -62135596800, status: {Uptime: 0}})
    expect(server.host.MemTotal).toBeGreaterThan(0)
  })

  trap(
    39,
    'one agent that reports NaN empties all details: the others are shown, and it is named',
    async () => {
      const sandbox = await nezhaSandbox({
        servers: [{name: 'a'}, {name: 'b'}, {name: 'c'}, {name: 'd', tag: 'T'}],
      })
      sandbox.state.update(3, {agent: frozen({CPU: Number.NaN})})
      const env = sandbox.environment
      for (const [ids, shown] of [
        ['', '1\n2\n4\n'],
        ['4 3 2', '4\n2\n'],
      ]) {
        const outcome = await cli(`nezha server details ${ids} -o id`, {env})
        expect(outcome).toMatchObject({exitCode: 9, stdout: shown})
        expect(outcome.stderr).toMatch(/\b3 cannot be read/)
      }
      expect(await cli('nezha server details --tag T -o id', {env})).toMatchObject({
        exitCode: 0,
        stdout: '4\n',
      })
      expect(await cli('nezha server list -o id', {env})).toMatchObject({exitCode: 0, stdout: '1\n2\n3\n4\n'})
      const outcome = await cli('nezha server show 3 -o json', {env})
      expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
      expect(failureOf(outcome).message).toContain('numbers that JSON cannot hold')
    },
  )
})

test('every trap is covered or exempt, and none is both', () => {
  const all = Array.from({length: 56}, (_, index) => index + 1)
  const numbers = [...new Set([...covered, ...elsewhere]), ...Object.keys(exempt).map(Number)]
  expect(numbers.toSorted((one, other) => one - other)).toEqual(all)
})
