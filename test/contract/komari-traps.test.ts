import {describe, expect, test} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import {failureOf, paths} from '../failure.js'
import {cli, temporaryFolder} from '../harness.js'
import {
  frame,
  komariServer,
  node,
  nodesServer,
  otherUuid,
  refused,
  report,
  success,
} from './komari-answers.js'

/** Traps of contracts/komari.md part 5 that no command can fall into, and why. */
const exempt: Readonly<Record<number, string>> = {
  14: 'no command edits a ping task or a node',
  20: 'no command registers a node',
  22: 'what an API key may do is for the panel to say; it is kept as every secret is',
  25: 'install script: no command installs an agent of Komari',
}

const covered: number[] = []

function trap(number: number, says: string, run: () => Promise<void>): void {
  covered.push(number)
  test(`trap ${number}: ${says}`, run)
}

const {uuid} = node()
const key = {KOMARI_API_KEY: 'komari-test-api-key-0001'}

/** Every command that asks the panel for something, and needs no node. */
const reading = [
  'me',
  'site',
  'version',
  'node list',
  'node show web1',
  'node recent web1',
  'node status',
  'records load web1',
  'records ping web1',
  'records ping --task 1',
]

function history(records: readonly object[], rest: object = {}) {
  return success({count: records.length, records, ...rest})
}

describe('what contracts/komari.md part 5 warns of', () => {
  trap(1, 'an unknown GET is a web page with HTTP 200', async () => {
    const server = await komariServer()
    for (const line of [...reading, 'oauth', 'api GET /api/nope']) {
      const outcome = await cli(`komari ${line} -o json`, {env: server.environment})
      expect(outcome, line).toMatchObject({exitCode: 10, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({code: 'BAD_RESPONSE', panel: 'komari', status: 200})
    }
  })

  trap(
    2,
    'answers have an envelope, none, or their fields beside it; errors are called message or error',
    async () => {
      const server = await komariServer({
        'GET /enveloped': success([1]),
        'GET /bare': {json: {logged_in: false, username: 'Guest'}},
        'GET /list': {json: [{uuid}]},
        'GET /flat': {json: {status: 'success', uuid, token: 't'}},
        'GET /sessions': {json: {status: 'success', current: 'x', data: []}},
        'GET /message': {status: 400, json: {status: 'error', message: 'in words'}},
        'GET /error': {status: 400, json: {status: 'error', error: 'in words'}},
        'GET /api/clients/report': {status: 400, json: {error: 'in words'}},
        'GET /refused-with-200': {json: {status: 'error', message: 'in words'}},
      })
      const env = server.environment
      const given: Record<string, unknown> = {
        enveloped: [1],
        bare: {logged_in: false, username: 'Guest'},
        list: [{uuid}],
        flat: {uuid, token: 't'},
        sessions: {current: 'x', data: []},
      }
      for (const [name, data] of Object.entries(given)) {
        expect(JSON.parse((await cli(`komari api GET /${name}`, {env})).stdout)).toEqual(data)
      }
      for (const name of ['message', 'error', 'api/clients/report', 'refused-with-200']) {
        const outcome = await cli(`komari api GET /${name} -o json`, {env})
        expect(outcome).toMatchObject({exitCode: 5, stdout: ''})
        expect(failureOf(outcome).message).toContain('in words')
      }
    },
  )

  trap(3, 'data, result, tasks and records may be absent or null', async () => {
    const server = await nodesServer()
    const env = server.environment
    const run = async (line: string) => JSON.parse((await cli(`komari ${line} -o json`, {env})).stdout)
    server.routes['GET /void'] = {json: {status: 'success', message: ''}}
    server.routes['GET /misspelt'] = {json: {status: 'success', 'message:': '', data: {a: 1}}}
    server.routes[`GET /api/recent/${uuid}`] = {json: {status: 'success', message: ''}}
    server.routes['GET /api/records/load'] = success({count: 0, records: null})
    server.routes['GET /api/records/ping'] = success({count: 0, records: null})
    server.routes['POST /api/rpc2'] = {json: {jsonrpc: '2.0', id: 1}}
    expect(await run('api GET /void')).toBe(null)
    expect(await run('api GET /misspelt')).toEqual({a: 1})
    expect(await run('node recent web1')).toEqual([])
    expect(await run('records load web1')).toEqual({count: 0, records: []})
    expect(await run('records ping web1')).toEqual({count: 0, records: [], tasks: []})
    expect(await run('rpc admin:clearRecords')).toBe(null)
  })

  trap(4, 'public endpoints do not say that an API key is wrong: login asks one that does', async () => {
    const server = await komariServer({
      'GET /api/nodes': success([]),
      'GET /api/me': {json: {logged_in: false, username: 'Guest'}},
      'GET /api/admin/client/list': ({headers}) =>
        headers.authorization === `Bearer ${key.KOMARI_API_KEY}`
          ? {json: [{uuid, token: 'secret'}]}
          : refused(401, 'Unauthorized.'),
      'POST /api/rpc2': {
        json: {jsonrpc: '2.0', id: 1, result: {logged_in: false, username: '', uuid: ''}},
      },
    })
    const login = `komari login --url ${server.url} --with-token -o json`
    const outcome = await cli(login, {stdin: 'wrong-key-000000000'})
    expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(outcome).message).toContain('does not accept the API key')
    expect(paths(server)).toEqual(['GET /api/admin/client/list'])
    expect(await cli(login, {stdin: `Bearer ${key.KOMARI_API_KEY}`})).toMatchObject({exitCode: 0})
    const wrong = {...server.environment, KOMARI_API_KEY: 'wrong-key-000000000'}
    expect((await cli('komari me', {env: wrong})).stderr).toContain('does not know the API key')
    server.routes['POST /api/rpc2'] = {status: 500, text: ''}
    const guest = await cli('komari me', {env: {...server.environment, ...key}})
    expect(guest).toMatchObject({exitCode: 0, stdout: 'USERNAME   Guest\nLOGGED IN  no\n'})
    expect(guest.stderr).toContain('shows an API key as Guest')
  })

  trap(5, 'an API key of fewer than 12 characters never works, and the hint says so', async () => {
    const server = await komariServer({'GET /api/admin/client/list': refused(401, 'Unauthorized.')})
    const outcome = await cli(`komari login --url ${server.url} --with-token -o json`, {stdin: 'short'})
    expect(failureOf(outcome)).toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining('12 characters or more'),
    })
  })

  trap(6, 'a WebSocket without the Origin of the panel is refused; plain requests have none', async () => {
    const server = await nodesServer()
    const env = server.environment
    expect(await cli('komari node status', {env})).toMatchObject({exitCode: 0})
    expect(server.handshakes[0]?.headers.origin).toBe(server.url)
    for (const {headers} of server.requests) expect(headers).not.toHaveProperty('origin')
    const refusals = [
      {
        status: 403,
        text: 'Forbidden\n{"error":"Failed to upgrade to WebSocket.websocket: request origin not allowed by Upgrader.CheckOrigin","status":"error"}',
        type: 'text/plain; charset=utf-8',
      },
      {status: 403, text: ''},
    ]
    for (const refusal of refusals) {
      server.refusal = refusal
      const outcome = await cli('komari node status -o json', {env})
      expect(outcome).toMatchObject({exitCode: 10, stdout: ''})
      expect(failureOf(outcome)).toMatchObject({
        message: expect.stringContaining('refused the origin'),
        hint: expect.stringContaining('Host header'),
      })
    }
  })

  trap(7, 'the live feed shows hidden nodes to a session only', async () => {
    const hidden = node({uuid: otherUuid, name: 'hidden1', hidden: true, weight: 1})
    const server = await nodesServer([node()])
    server.routes['GET /api/nodes'] = success([node(), hidden])
    const env = {...server.environment, ...key}
    const outcome = await cli('komari node status --columns name,state', {env})
    expect(outcome).toEqual({
      exitCode: 0,
      stdout: 'NAME     STATE\nweb1     online\nhidden1  unknown\n',
      stderr: 'the live feed shows hidden nodes to a session only, not to an API key: hidden1\n',
    })
    const {stdout} = await cli('komari node status -o json', {env})
    expect(JSON.parse(stdout)[1]).toEqual({uuid: otherUuid, name: 'hidden1', online: null})
    const session = {...server.environment, KOMARI_SESSION_TOKEN: 'abc'}
    expect((await cli('komari node status', {env: session})).stderr).toBe('')
    expect(server.handshakes.at(-1)?.headers.cookie).toBe('session_token=abc')
  })

  trap(8, 'memory, swap and disk are bytes, and their totals are 0 in the history', async () => {
    const server = await nodesServer()
    server.routes['GET /api/records/load'] = history([
      {
        client: uuid,
        time: '2026-11-21T11:00:00Z',
        cpu: 1,
        ram: 1_073_741_824,
        ram_total: 0,
        disk: 4_294_967_296,
        disk_total: 0,
        swap: 0,
        swap_total: 0,
      },
      {
        client: uuid,
        time: '2026-11-21T11:01:00Z',
        cpu: 1,
        ram: 1_073_741_824,
        ram_total: 4_294_967_296,
        disk: 0,
        swap: 0,
      },
    ])
    const env = server.environment
    expect((await cli('komari records load web1 --columns memory,memory_used,disk,swap', {env})).stdout).toBe(
      'MEMORY  MEMORY USED    DISK  SWAP\n50.0 %      1.0 GiB  10.0 %     -\n25.0 %      1.0 GiB   0.0 %     -\n',
    )
    const {stdout} = await cli('komari records load web1 -o json', {env})
    expect(JSON.parse(stdout).records[0]).toMatchObject({ram: 1_073_741_824, ram_total: 0})
  })

  trap(9, '-1 is loss and enters no average; records come newest first or unsorted', async () => {
    const server = await nodesServer()
    const at = (minute: number, value: number) => ({
      task_id: 1,
      time: `2026-11-21T11:0${minute}:00Z`,
      value,
      client: uuid,
    })
    const records = [at(3, 20), at(2, -1), at(1, 10), at(4, -1)]
    server.routes['GET /api/records/ping'] = history(records, {tasks: [{id: 1, name: 'dns', interval: 60}]})
    const env = server.environment
    expect(
      (await cli('komari records ping web1 --columns points,last,min,avg,max,loss,delay', {env})).stdout,
    ).toBe(
      'POINTS  LAST      MIN      AVG      MAX    LOSS  DELAY\n     4     -  10.0 ms  15.0 ms  20.0 ms  50.0 %  ▁·█·\n',
    )
    const {stdout} = await cli('komari records ping web1 -o json', {env})
    expect(JSON.parse(stdout).records).toEqual(records)
    const load = (minute: number) => ({client: uuid, time: `2026-11-21T11:0${minute}:00+08:00`, cpu: minute})
    server.routes['GET /api/records/load'] = history([load(3), load(1), load(2)])
    expect((await cli('komari records load web1 --columns cpu --no-header', {env})).stdout).toBe(
      '1.0 %\n2.0 %\n3.0 %\n',
    )
    expect(
      JSON.parse((await cli('komari records load web1 -o json', {env})).stdout).records.map(
        ({cpu}: {cpu: number}) => cpu,
      ),
    ).toEqual([3, 1, 2])
  })

  trap(
    10,
    'nodes come in no order; tags are one text, and prices and expiries have special values',
    async () => {
      const nodes = [
        node({uuid: 'c', name: 'web10', weight: 1, price: -1, tags: '', expired_at: '0001-01-01T00:00:00Z'}),
        node({uuid: 'b', name: 'web2', weight: 1, price: 0, tags: ' a ;b;', expired_at: null}),
        node({uuid: 'd', name: 'zero', weight: 0, price: 4.5, expired_at: '2026-11-18T12:00:00Z'}),
        node({
          uuid: 'e',
          name: 'free',
          weight: 2,
          price: 5,
          billing_cycle: 0,
          expired_at: '2226-01-01T00:00:00Z',
        }),
      ]
      const {environment: env} = await nodesServer(nodes)
      expect((await cli('komari node list --columns name,price,expires,tags', {env})).stdout).toBe(
        [
          'NAME        PRICE  EXPIRES         TAGS',
          'zero   $4.5 / 30d  expired 3d ago  edge, hk',
          'web2            -  never           a, b',
          'web10        free  never           -',
          'free           $5  never           edge, hk',
          '',
        ].join('\n'),
      )
      expect((await cli('komari node list --columns name,expires -o csv', {env})).stdout).toBe(
        'name,expires\nzero,2026-11-18T12:00:00.000Z\nweb2,\nweb10,\nfree,2226-01-01T00:00:00.000Z\n',
      )
      const {stdout} = await cli('komari node list -o json', {env})
      expect(JSON.parse(stdout).map(({tags, price}: {tags: string; price: number}) => [tags, price])).toEqual(
        [
          ['edge;hk', 4.5],
          [' a ;b;', 0],
          ['', -1],
          ['edge;hk', 5],
        ],
      )
    },
  )

  trap(11, 'the feed keeps what offline nodes reported, and knows nothing after a restart', async () => {
    const nodes = ['online', 'offline', 'silent'].map((name, weight) => node({uuid: name, name, weight}))
    const server = await nodesServer(nodes)
    server.feed = () => frame(['online', 'ghost'], {online: report(), offline: report(), ghost: report()})
    const env = server.environment
    expect((await cli('komari node status --columns name,state,cpu,last_report', {env})).stdout).toBe(
      [
        'NAME     STATE       CPU  LAST REPORT',
        'online   online   12.5 %  1s ago',
        'offline  offline       -  1s ago',
        'silent   unknown       -  -',
        '',
      ].join('\n'),
    )
    const {stdout} = await cli('komari node status -o json', {env})
    expect(JSON.parse(stdout)).toEqual([
      {uuid: 'online', name: 'online', online: true, ...report()},
      {uuid: 'offline', name: 'offline', online: false, ...report()},
      {uuid: 'silent', name: 'silent', online: null},
    ])
  })

  trap(12, 'hours are whole numbers: a bad one silently means 4, so that none is sent', async () => {
    const server = await nodesServer()
    server.routes['GET /api/records/load'] = history([])
    server.routes['GET /api/records/ping'] = history([])
    const env = server.environment
    for (const hours of ['1.5', 'abc', '0', '-1', '2562048', '']) {
      for (const command of ['load', 'ping']) {
        const words = ['komari', 'records', command, 'web1', `--hours=${hours}`]
        expect(await cli(words, {env}), hours).toMatchObject({exitCode: 2, stdout: ''})
      }
    }
    expect(paths(server)).toEqual([])
    await cli('komari records load web1 --since 90m', {env})
    await cli('komari records ping web1 --since 30s', {env})
    await cli('komari records ping web1 --since 2d', {env})
    expect(paths(server).filter(path => path.includes('records'))).toEqual([
      `GET /api/records/load?uuid=${uuid}&hours=2`,
      `GET /api/records/ping?uuid=${uuid}&hours=1`,
      `GET /api/records/ping?uuid=${uuid}&hours=48`,
    ])
  })

  trap(13, 'an unknown node is an empty answer or a 500 there: it is looked up in the list', async () => {
    const server = await nodesServer()
    for (const line of ['show', 'recent', 'status'].map(verb => `node ${verb}`)) {
      const outcome = await cli(`komari ${line} 00000000-0000-0000-0000-000000000000 -o json`, {
        env: server.environment,
      })
      expect(outcome).toMatchObject({exitCode: 3, stdout: ''})
    }
    for (const line of ['load', 'ping']) {
      const outcome = await cli(`komari records ${line} web2 -o json`, {env: server.environment})
      expect(failureOf(outcome)).toMatchObject({exitCode: 3, hint: 'did you mean "web1"?'})
    }
    expect(new Set(paths(server))).toEqual(new Set(['GET /api/nodes']))
  })

  trap(15, 'a route with a slash at its end redirects: a body is not sent on', async () => {
    const server = await komariServer({
      'GET /api/admin/settings': {status: 301, text: '', headers: {location: '/api/admin/settings/'}},
      'POST /api/admin/settings': {status: 307, text: '', headers: {location: '/api/admin/settings/'}},
      'GET /api/admin/settings/': success({sitename: 'Lab'}),
      'POST /api/admin/settings/': success(null),
    })
    const env = {...server.environment, ...key}
    expect(await cli('komari api GET /api/admin/settings', {env})).toMatchObject({exitCode: 0})
    expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key.KOMARI_API_KEY}`)
    server.requests.length = 0
    expect(await cli('komari api POST /api/admin/settings -f a=b', {env})).toMatchObject({exitCode: 10})
    expect(paths(server)).toEqual(['POST /api/admin/settings'])
    expect(await cli('komari api POST /api/admin/settings/ -f a=b', {env})).toMatchObject({exitCode: 0})
    expect(server.requests.at(-1)?.body).toBe('{"a":"b"}')
  })

  trap(
    16,
    'RPC2 errs with HTTP 200, answers a batch of one with an object, and was once a code 401',
    async () => {
      const server = await komariServer()
      const env = server.environment
      const error = (code: number, message = 'no') => ({
        json: {jsonrpc: '2.0', id: 1, error: {code, message}},
      })
      for (const [code, exitCode] of [
        [-32041, 4],
        [-32040, 4],
        [401, 4],
        [-32044, 3],
        [-32601, 5],
        [-32602, 5],
        [-32603, 5],
      ] as const) {
        server.requests.length = 0
        server.routes['POST /api/rpc2'] = error(code)
        const outcome = await cli('komari rpc common:x -o json --retries 3', {env})
        expect(outcome, String(code)).toMatchObject({exitCode, stdout: ''})
        expect(failureOf(outcome).message).toContain(`(${code})`)
        expect(server.requests).toHaveLength(1)
      }
      server.routes['POST /api/rpc2'] = {...error(-32600), status: 400}
      expect(await cli('komari rpc common:x', {env})).toMatchObject({exitCode: 5})
      server.routes['POST /api/rpc2'] = refused(401, 'Private site is enabled, please login first.')
      expect(await cli('komari rpc common:x', {env})).toMatchObject({exitCode: 4})
      server.routes['POST /api/rpc2'] = {json: {jsonrpc: '2.0', id: 7, result: [uuid]}}
      const one = await cli('komari rpc --input - -o json', {env, stdin: '[{"method":"rpc.x","id":7}]'})
      expect(JSON.parse(one.stdout)).toEqual([{jsonrpc: '2.0', id: 7, result: [uuid]}])
      const bare = await cli('komari rpc getNodes -o json', {env: {...env}})
      expect(bare.exitCode).toBe(0)
      server.routes['POST /api/rpc2'] = error(-32601, 'method not found')
      expect((await cli('komari rpc getNodes', {env})).stderr).toContain('names have a prefix')
    },
  )

  trap(17, 'a private site refuses in two wordings: the status counts', async () => {
    for (const text of [
      'Private site is enabled, please login first.',
      'Private site enabled, please login first',
      'Unauthorized.',
    ]) {
      const server = await nodesServer()
      server.routes['GET /api/nodes'] = refused(401, text)
      for (const line of [
        'node list',
        'node show web1',
        'node recent web1',
        'node status',
        'records load web1',
      ]) {
        const outcome = await cli(`komari ${line} -o json`, {env: server.environment})
        expect(outcome, line).toMatchObject({exitCode: 4, stdout: ''})
        expect(failureOf(outcome)).toMatchObject({
          message: expect.stringContaining('needs credentials, and none were given'),
          // Where the environment names the panel, a login would be overruled.
          hint: expect.stringMatching(/^set an API key .*, and put it into KOMARI_API_KEY$/),
        })
      }
      server.routes['GET /api/nodes'] = success([node()])
      server.refusal = refused(401, text)
      expect(await cli('komari node status', {env: server.environment})).toMatchObject({
        exitCode: 4,
        stdout: '',
      })
    }
  })

  trap(18, 'each login notifies the owner: one a context, and a wrong password is sent once', async () => {
    const server = await nodesServer()
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    server.routes['POST /api/login'] = refused(401, 'Invalid credentials')
    const login = `komari login --url ${server.url} --username admin -o json --retries 5`
    const wrong = await cli(login, {env, stdin: 'nope\n'})
    expect(wrong).toMatchObject({exitCode: 4, stdout: ''})
    expect(failureOf(wrong).hint).toContain('--otp')
    expect(paths(server)).toEqual(['POST /api/login'])
    server.routes['POST /api/login'] = success({'set-cookie': {session_token: 'abc'}})
    server.requests.length = 0
    expect(await cli(login, {env, stdin: ' spaced \n'})).toMatchObject({exitCode: 0})
    for (const line of ['node list', 'node show web1', 'node status']) await cli(`komari ${line}`, {env})
    expect(paths(server).filter(path => path.includes('login'))).toEqual(['POST /api/login'])
    expect(server.requests[0]?.body).toBe('{"username":"admin","password":" spaced "}')
    for (const {headers} of server.requests.slice(1)) expect(headers.cookie).toBe('session_token=abc')
  })

  trap(19, 'a two-factor code is a text, with its leading zeros', async () => {
    const server = await komariServer({
      'POST /api/login': success({'set-cookie': {session_token: 'abc'}}),
    })
    await cli(`komari login --url ${server.url} --username admin --otp 012345`, {stdin: 'pw'})
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      username: 'admin',
      password: 'pw',
      '2fa_code': '012345',
    })
  })

  trap(21, 'administrators are given tokens and keys: they are masked, and not logged', async () => {
    const server = await nodesServer([node({token: 'agent-secret'})])
    server.feed = () => frame([uuid], {[uuid]: {...report(), token: 'agent-secret'}})
    const env = {...server.environment, ...key}
    for (const line of ['node list', 'node show web1', 'node status']) {
      for (const format of ['json', 'yaml', 'ndjson']) {
        const {stdout, stderr} = await cli(`komari ${line} -o ${format} --debug`, {env})
        expect(stdout + stderr).not.toContain('agent-secret')
        expect(stdout + stderr).not.toContain(key.KOMARI_API_KEY)
      }
    }
    expect((await cli('komari node list -o json --show-secrets', {env})).stdout).toContain('agent-secret')
    server.routes['POST /api/login'] = refused(401, 'no')
    const login = await cli(`komari login --url ${server.url} --username admin --otp 012345 --debug`, {
      stdin: 'pass-secret',
    })
    expect(login.stderr).not.toMatch(/pass-secret|012345/)
    const plan = await cli(`komari login --url ${server.url} --username admin --dry-run`, {
      stdin: 'pass-secret',
    })
    expect(JSON.parse(plan.stdout)).toMatchObject({
      method: 'POST',
      body: {username: 'admin', password: '********'},
    })
  })

  trap(23, 'versions are not semver', async () => {
    for (const version of ['1.2.5-fix1', '1.1.1a', 'Snapshot-2608171500', 'dev', '0.0.1']) {
      const server = await komariServer({'GET /api/version': success({version, hash: 'unknown'})})
      expect((await cli('komari version', {env: server.environment})).stdout).toBe(
        `VERSION  ${version}\nHASH     unknown\n`,
      )
    }
  })

  trap(24, 'set-up, migration and recovery answer 404 to everything: the mode is named', async () => {
    for (const mode of ['install', 'database migration', 'database recovery']) {
      const server = await nodesServer()
      const answer = refused(404, `Not found in ${mode} mode`)
      for (const path of ['nodes', 'me', 'public', 'version', 'oauth', 'admin/client/list']) {
        server.routes[`GET /api/${path}`] = answer
      }
      server.routes['POST /api/rpc2'] = answer
      server.routes['POST /api/login'] = answer
      for (const line of [...reading, 'oauth', 'rpc rpc.ping', 'me']) {
        const outcome = await cli(`komari ${line} -o json`, {env: {...server.environment, ...key}})
        expect(outcome, line).toMatchObject({exitCode: 10, stdout: ''})
        expect(failureOf(outcome).message).toContain(`is in ${mode} mode`)
      }
      for (const way of ['--with-token', '--username admin']) {
        const outcome = await cli(`komari login --url ${server.url} ${way} -o json`, {stdin: 'x'})
        expect(failureOf(outcome)).toMatchObject({exitCode: 10, message: expect.stringContaining(mode)})
      }
      server.routes['GET /api/nodes'] = success([node()])
      server.refusal = answer
      const outcome = await cli('komari node status -o json', {env: server.environment})
      expect(failureOf(outcome)).toMatchObject({exitCode: 10, message: expect.stringContaining(mode)})
    }
  })

  trap(26, 'times have a fraction, an offset, or a space and seven digits', async () => {
    const times = [
      ['2026-11-22T12:00:00Z', 'in 1d'],
      ['2026-11-22T20:00:00+08:00', 'in 1d'],
      ['2026-11-22T12:00:00.123456789Z', 'in 1d'],
      ['2026-11-22 12:00:00.0000000+00:00', 'in 1d'],
      ['soon', '-'],
    ]
    for (const [expired_at, shown] of times) {
      const {environment: env} = await nodesServer([node({expired_at})])
      const {stdout} = await cli('komari node list --columns expires --no-header', {env})
      expect(stdout).toBe(`${shown}\n`)
    }
  })

  trap(27, 'the panel counts buckets and takes 0 for nothing: figures come from the records', async () => {
    const server = await nodesServer()
    const records = [0, 4].map((value, index) => ({task_id: 1, time: `2026-11-21T11:0${index}:00Z`, value}))
    const tasks = [{id: 1, name: 'dns', interval: 60, loss: 100, min: 0, max: 0, avg: 0, total: 9}]
    server.routes['GET /api/records/ping'] = history(records, {tasks})
    expect(
      (
        await cli('komari records ping web1 -o csv --columns points,min,avg,max,loss', {
          env: server.environment,
        })
      ).stdout,
    ).toBe('points,min,avg,max,loss\n2,0,2,4,0\n')
  })

  trap(28, 'more hours give coarser points: help says from where on', async () => {
    for (const command of ['load', 'ping']) {
      expect((await cli(`komari records ${command} --help`)).stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /from 10, 50 and 600 hours on/i,
      )
    }
  })

  trap(29, 'logging out redirects to the web page, which is not fetched', async () => {
    const server = await komariServer({
      'GET /api/logout': {
        status: 302,
        text: '',
        headers: {location: '/', 'set-cookie': 'session_token=; Path=/; Max-Age=0'},
      },
    })
    const env = {PANELCTL_CONFIG_DIR: temporaryFolder()}
    await cli(`komari login --url ${server.url} --with-session --no-check`, {
      env,
      stdin: 'session_token=abc; Path=/',
    })
    expect(await cli('komari logout', {env})).toMatchObject({
      exitCode: 0,
      stderr: 'forgot the credential of the context komari\n',
    })
    expect(paths(server)).toEqual(['GET /api/logout'])
    expect(server.requests[0]?.headers.cookie).toBe('session_token=abc')
  })

  trap(30, '500 and 403 come with empty bodies', async () => {
    const server = await nodesServer()
    for (const [status, exitCode] of [
      [500, 6],
      [403, 10],
    ] as const) {
      server.routes['GET /api/nodes'] = {status, text: ''}
      const outcome = await cli('komari node list -o json --retries 0', {env: server.environment})
      expect(outcome).toMatchObject({exitCode, stdout: ''})
    }
    // 1.1.8 has made the change and then fails.
    server.routes['POST /api/admin/client/add'] = {status: 500, text: ''}
    expect(
      await cli('komari api POST /api/admin/client/add -f name=a', {env: {...server.environment, ...key}}),
    ).toMatchObject({exitCode: 7, stdout: ''})
  })

  trap(
    31,
    'neither HEAD nor an unknown admin path says anything of a credential: neither is asked',
    async () => {
      const server = await komariServer({'GET /api/admin/client/list': {json: [{uuid}]}})
      await cli(`komari login --url ${server.url} --with-token`, {stdin: key.KOMARI_API_KEY})
      expect(paths(server)).toEqual(['GET /api/admin/client/list'])
    },
  )

  trap(32, 'one bad value in a node breaks the list for everybody: the panel is quoted', async () => {
    const server = await nodesServer()
    server.routes['GET /api/nodes'] = refused(
      500,
      'Failed to retrieve client information: sql: Scan error on column index 20, name "weight"',
    )
    const outcome = await cli('komari node list -o json --retries 0', {env: server.environment})
    expect(failureOf(outcome)).toMatchObject({exitCode: 6, message: expect.stringContaining('name "weight"')})
  })

  trap(33, 'records may name a task that no list has, and the feed a node', async () => {
    const server = await nodesServer()
    const records = [{task_id: 9, time: '2026-11-21T11:00:00Z', value: 5, client: otherUuid}]
    server.routes['GET /api/records/ping'] = history(records)
    expect(
      (await cli('komari records ping --task 9 --columns id,task,node,last', {env: server.environment}))
        .stdout,
    ).toBe(`ID  TASK  NODE                                    LAST\n 9  -     ${otherUuid}  5.0 ms\n`)
    server.feed = () => frame([otherUuid], {[otherUuid]: report()})
    const {stdout} = await cli('komari node status -o json', {env: server.environment})
    expect(JSON.parse(stdout)).toEqual([{uuid, name: 'web1', online: null}])
  })

  trap(34, 'Origin repeats the Host header as it stands', async () => {
    const server = await nodesServer()
    for (const url of [server.url, `${server.url}/`, `http://localhost:${server.port}`]) {
      await cli('komari node status', {env: {KOMARI_URL: url}})
      const {origin, host} = server.handshakes.at(-1)?.headers ?? {}
      expect(origin).toBe(`http://${host}`)
    }
  })

  trap(35, 'a panel that restarts ends the WebSocket without a word: it is opened again', async () => {
    const server = await nodesServer()
    const interruption = new AbortController()
    let restarted = false
    const outcome = await cli('komari node status --follow --interval 1ms -o ndjson', {
      env: server.environment,
      signal: interruption.signal,
      written: (_text, stream) => {
        if (stream === 'stderr') return
        if (server.handshakes.length > 1) interruption.abort(new Interrupted(143))
        else if (!restarted) {
          restarted = true
          for (const socket of server.sockets) socket.terminate()
        }
      },
    })
    expect(outcome.exitCode).toBe(143)
    const said = outcome.stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(said).toEqual([{warning: expect.stringContaining('connecting again')}, {note: 'connected again'}])
  })
})

test('every trap is covered or exempt, and none is both', () => {
  const all = Array.from({length: 35}, (_, index) => index + 1)
  const numbers = [...covered, ...Object.keys(exempt).map(Number)]
  expect(numbers.toSorted((one, other) => one - other)).toEqual(all)
})
