import {randomBytes} from 'node:crypto'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import type {Feed, Me, Node, PingRecord, Report} from '../../src/lib/panels/komari/schemas.js'
import type {NodeStatus} from '../../src/lib/panels/komari/status.js'
import {metrics} from '../commands/komari/world.js'
import {failureOf} from '../failure.js'
import {type CliOptions, cli, type Outcome} from '../harness.js'
import {type RawAnswer, type RawRequest, rawRequest} from '../lib/sandbox/raw-request.js'
import {type HttpRecording, headerOf} from '../recordings.js'
import {type KomariAccess, targets} from './komari-targets.js'
import type {RunningTarget} from './targets.js'

const callers = ['guest', 'session', 'API key'] as const
type Caller = (typeof callers)[number]

interface Site {
  readonly private_site: boolean
  readonly oauth_enable: boolean
  readonly disable_password_login: boolean
}

interface Statistics {
  readonly task_id: string
  readonly total: number
  readonly max?: number
  readonly loss: number
}

interface Pings {
  readonly count: number
  readonly records: readonly PingRecord[]
  readonly tasks: readonly {readonly id: number; readonly name: string}[]
}

/**
 * What holds for any panel of 1.4, whatever is on it: emulated, or real when `PANELCTL_LIVE_KOMARI_URL`,
 * `PANELCTL_LIVE_KOMARI_API_KEY`, `…_SESSION_TOKEN`, and `…_USERNAME` and `…_PASSWORD` of an account without two-factor
 * authentication are set. The tests add two nodes and a ping task called `contract-…` and delete them in the end.
 */
describe.each(targets)('$name', {concurrent: false}, target => {
  const unique = `contract-${randomBytes(6).toString('hex')}`
  const group = `${unique}-group`
  const nobody = '00000000-0000-0000-0000-000000000000'
  const wrong = 'contract-wrong-key-0001'

  let running: RunningTarget & KomariAccess
  let site: Site
  /** One that everybody may see, and one that guests may not; both have just reported. */
  let visible: {readonly uuid: string; readonly token: string}
  let hidden: {readonly uuid: string; readonly token: string}
  let taskId: number

  function environment(who: Caller): Record<string, string> {
    return {
      PANELCTL_CONFIG_DIR: running.folder,
      KOMARI_URL: running.recorder.url,
      ...(who === 'session' && {KOMARI_SESSION_TOKEN: running.session}),
      ...(who === 'API key' && {KOMARI_API_KEY: running.apiKey}),
    }
  }

  const wordsOf = (line: string | readonly string[]) => (typeof line === 'string' ? line.split(' ') : line)

  function run(who: Caller, line: string | readonly string[], options: CliOptions = {}): Promise<Outcome> {
    return cli(['komari', ...wordsOf(line)], {env: environment(who), now: running.now, ...options})
  }

  function expectFailure(outcome: Outcome, exitCode: number, code: string): void {
    expect(outcome, outcome.stderr).toMatchObject({exitCode, stdout: ''})
    expect(failureOf(outcome)).toMatchObject({code, exitCode, panel: 'komari'})
  }

  /** What a private site keeps from guests. */
  const isKept = (who: Caller) => who === 'guest' && site.private_site

  async function json<Data>(who: Caller, line: string | readonly string[], exitCode = 0): Promise<Data> {
    const outcome = await run(who, [...wordsOf(line), '-o', 'json'])
    expect(outcome, outcome.stderr).toMatchObject({exitCode})
    return JSON.parse(outcome.stdout)
  }

  /** The same for those who may; the others are refused, and get undefined here. */
  async function read<Data>(who: Caller, line: string | readonly string[]): Promise<Data | undefined> {
    if (!isKept(who)) return json<Data>(who, line)
    const outcome = await run(who, [...wordsOf(line), '-o', 'json'])
    expectFailure(outcome, 4, 'AUTH')
    expect(failureOf(outcome).hint).toMatch(/^set an API key .*, and put it into KOMARI_API_KEY$/)
    return undefined
  }

  function raw(request: RawRequest): Promise<RawAnswer> {
    return rawRequest(running.recorder.port, request)
  }

  /** The data of the last answer to this path, as the panel sent it. */
  function answered<Data>(path: string): Data {
    const exchange = running.recorder.exchanges.findLast(({request}) => request.path.split('?')[0] === path)
    return JSON.parse(exchange?.response.raw ?? 'null').data
  }

  /** What the panel counted last of every probe. */
  function counted(): Statistics[] {
    const isAbout = ({request}: {request: {body: string | null}}) =>
      request.body?.includes('getPingMetricStats')
    const exchange = running.recorder.exchanges.findLast(isAbout)
    return JSON.parse(exchange?.response.raw ?? 'null')[0].result.stats
  }

  function lastFrame(): Feed {
    const sockets = running.recorder.recordings.filter(recording => 'websocket' in recording)
    return JSON.parse(sockets.at(-1)?.frames.findLast(({recv}) => recv !== undefined)?.recv ?? 'null').data
  }

  async function add(name: string, fields: object): Promise<{uuid: string; token: string}> {
    const line = ['api', 'POST', '/api/admin/client/add', '-f', `name=${unique}-${name}`]
    const added = await json<{uuid: string; token: string}>('API key', line)
    const edit = JSON.stringify({uuid: added.uuid, group, ...fields})
    // A method without a result.
    expect(await json('API key', ['rpc', 'admin:editClient', edit])).toBe(null)
    const headers = {'Content-Type': 'application/json'}
    const path = `/api/clients/report?token=${added.token}`
    const answer = await raw({method: 'POST', path, headers, body: JSON.stringify(metrics)})
    expect(answer).toMatchObject({status: 200, body: '{"status":"success"}'})
    return added
  }

  beforeAll(async () => {
    running = await target.start()
    running.recorder.label = 'before'
    site = await json<Site>('guest', 'site')
    visible = await add('visible', {weight: 7})
    hidden = await add('hidden', {weight: 8, hidden: true})
    const task = {
      name: `${unique}-task`,
      type: 'tcp',
      target: 'contract.invalid:9',
      interval: 60,
      clients: [visible.uuid, hidden.uuid],
      default_on: false,
    }
    const line = 'komari api POST /api/admin/ping/add --input - -o json'
    const added = await cli(line, {env: environment('API key'), stdin: JSON.stringify(task)})
    expect(added, added.stderr).toMatchObject({exitCode: 0})
    taskId = JSON.parse(added.stdout).task_id
  })

  beforeEach(({task}) => {
    const name = `${task.suite?.name ?? ''} ${task.name}`
    running.recorder.label = name.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase()
  })

  afterAll(async () => {
    if (!running) return
    running.recorder.label = 'after'
    await run('API key', ['api', 'POST', '/api/admin/ping/delete', '-F', `id=[${taskId}]`])
    for (const {uuid} of [visible, hidden]) {
      await run('API key', ['api', 'POST', `/api/admin/client/${uuid}/remove`])
    }
    await running.close()
  })

  describe.each(callers)('as %s', who => {
    const seesHidden = who !== 'guest'

    test('me is what the panel takes the caller for', async () => {
      const me = await json<Me>(who, 'me')
      if (who === 'guest') expect(me).toEqual({logged_in: false, username: 'Guest'})
      if (who === 'session') expect(me).toMatchObject({logged_in: true, uuid: expect.any(String)})
      if (who === 'API key') expect(me).toMatchObject({logged_in: true, username: 'api_key'})
    })

    test('site and version are for everybody', async () => {
      expect(await json<Site>(who, 'site')).toEqual(site)
      expect(await json(who, 'version')).toEqual({hash: expect.any(String), version: expect.any(String)})
      const {stdout} = await run(who, 'version --columns version')
      expect(stdout).toMatch(/^VERSION {2}\S+\n$/)
    })

    test('oauth names the provider, or says that it is off', async () => {
      const outcome = await run(who, 'oauth -o json')
      if (!site.oauth_enable) return expectFailure(outcome, 5, 'REJECTED')
      expect(outcome.exitCode).toBe(0)
      expect(JSON.parse(outcome.stdout)).toEqual({
        url: expect.stringMatching(/^https?:\/\//),
        start: `${running.recorder.url}/api/oauth`,
      })
    })

    test('node list is in the order of the weights, hidden ones for who is logged in', async () => {
      const nodes = await read<Node[]>(who, 'node list')
      if (!nodes) return
      const weights = nodes.map(({weight}) => weight)
      expect(weights).toEqual(weights.toSorted((one, other) => one - other))
      const uuids = nodes.map(({uuid}) => uuid)
      expect(uuids).toContain(visible.uuid)
      expect(uuids.includes(hidden.uuid)).toBe(seesHidden)
      if (!seesHidden) expect(nodes.filter(node => node.hidden)).toEqual([])
      for (const node of nodes) {
        const secrets = seesHidden ? ['token'] : ['token', 'ipv4', 'ipv6', 'remark', 'version']
        for (const secret of secrets) expect(node).not.toHaveProperty(secret)
      }
      // The same for every caller: what the jq gives.
      const open = nodes.filter(node => !node.hidden).map(({name}) => name)
      const all = await json<Node[]>('session', 'node list')
      expect(open).toEqual(all.filter(node => !node.hidden).map(({name}) => name))
    })

    test('node list as table, as ids, and of one group', async () => {
      const own = seesHidden ? [visible.uuid, hidden.uuid] : [visible.uuid]
      const nodes = await read<Node[]>(who, ['node', 'list', '--group', group])
      if (!nodes) return
      expect(nodes.map(({uuid}) => uuid)).toEqual(own)
      const ids = await run(who, ['node', 'list', '--group', group, '-o', 'id'])
      expect(ids.stdout).toBe(own.map(uuid => `${uuid}\n`).join(''))
      const table = await run(who, ['node', 'list', '--group', group, '--columns', 'name,hidden'])
      const rows = [`${unique}-visible  no`, ...(seesHidden ? [`${unique}-hidden   yes`] : [])]
      expect(table.stdout).toBe(`NAME${' '.repeat(unique.length + 6)}HIDDEN\n${rows.join('\n')}\n`)
    })

    test('node show by uuid, by its beginning, and by name', async () => {
      for (const reference of [visible.uuid, visible.uuid.slice(0, 18), `${unique}-visible`]) {
        const node = await read<Node>(who, ['node', 'show', reference])
        if (node) expect(node).toMatchObject({uuid: visible.uuid, group, weight: 7})
      }
      if (isKept(who)) return
      const outcome = await run(who, ['node', 'show', hidden.uuid, '-o', 'json'])
      if (seesHidden) expect(JSON.parse(outcome.stdout)).toMatchObject({uuid: hidden.uuid, hidden: true})
      else expectFailure(outcome, 3, 'NOT_FOUND')
    })

    test('an unknown node exits 3', async () => {
      for (const line of ['node show', 'node recent', 'node status', 'records load', 'records ping']) {
        const outcome = await run(who, [...line.split(' '), `${unique}-none`, '-o', 'json'])
        if (isKept(who)) expectFailure(outcome, 4, 'AUTH')
        else expectFailure(outcome, 3, 'NOT_FOUND')
      }
      const followed = await run(who, ['node', 'status', '--follow', `${unique}-none`, '-o', 'ndjson'])
      expectFailure(followed, isKept(who) ? 4 : 3, isKept(who) ? 'AUTH' : 'NOT_FOUND')
    })

    test('node recent gives the reports of the last minute, oldest first', async () => {
      for (const [{uuid}, isSeen] of [
        [visible, true],
        [hidden, seesHidden],
      ] as const) {
        if (!isSeen && !isKept(who)) {
          expectFailure(await run(who, ['node', 'recent', uuid, '-o', 'json']), 3, 'NOT_FOUND')
          continue
        }
        const reports = await read<Report[]>(who, ['node', 'recent', uuid])
        if (!reports) continue
        expect(reports).toMatchObject([{uuid, cpu: {usage: 12.5}, load: {load1: 0.42}, process: 112}])
        const {stdout} = await run(who, ['node', 'recent', uuid, '--columns', 'cpu,memory,load'])
        expect(stdout).toBe('   CPU  MEMORY  LOAD\n12.5 %  50.0 %  0.42\n')
      }
    })

    test('node status joins the nodes with the live feed', async () => {
      const status = await read<NodeStatus[]>(who, 'node status')
      if (!status) return
      const feed = lastFrame()
      const nodes = answered<Node[]>('/api/nodes')
      expect(status.length).toBe(nodes.length)
      for (const {uuid, name, online, ...reported} of status) {
        // An API key is told of hidden nodes over RPC2 alone.
        if (who === 'API key' && nodes.some(node => node.uuid === uuid && node.hidden)) continue
        expect(nodes).toContainEqual(expect.objectContaining({uuid, name}))
        const known = feed.data[uuid]
        expect(online).toBe(feed.online.includes(uuid) ? true : known === undefined ? null : false)
        expect(reported).toEqual(known ?? {})
      }
      const own = status.find(({uuid}) => uuid === visible.uuid)
      expect(own).toMatchObject({online: true, cpu: {usage: 12.5}})
      const other = status.find(({uuid}) => uuid === hidden.uuid)
      // The feed looks at the cookie alone, RPC2 at the key too (1.11, 7.3).
      if (who !== 'guest') expect(other).toMatchObject({online: true, process: 112})
      else expect(other).toBeUndefined()
    })

    test('node status of one, as table', async () => {
      const outcome = await run(who, ['node', 'status', visible.uuid, '--columns', 'state,cpu,memory'])
      if (isKept(who)) return expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
      expect(outcome).toEqual({
        exitCode: 0,
        stderr: '',
        stdout: 'STATE      CPU  MEMORY\nonline  12.5 %  50.0 %\n',
      })
    })

    test('node status --follow prints one array a line until it is interrupted', async () => {
      const interruption = new AbortController()
      const outcome = await run(who, 'node status --follow --interval 1ms -o ndjson', {
        signal: interruption.signal,
        written: (text, stream) => {
          const lines = text.split('\n').length - 1
          if (stream === 'stdout' && lines === 3) interruption.abort(new Interrupted(130))
        },
      })
      if (isKept(who)) return expectFailure(outcome, 4, 'AUTH')
      expect(outcome.exitCode).toBe(130)
      const lines = outcome.stdout.trimEnd().split('\n')
      expect(lines.length).toBeGreaterThanOrEqual(3)
      for (const line of lines) {
        expect(JSON.parse(line)).toContainEqual(expect.objectContaining({uuid: visible.uuid, online: true}))
      }
    })

    test('records load is what the panel sends, and a table in order', async () => {
      const list = await read<Node[]>(who, 'node list')
      for (const {uuid} of (list ?? [{uuid: visible.uuid}]).slice(0, 1)) {
        const line = ['records', 'load', uuid, '--hours', '1']
        const history = await read<{count: number; records: {time: string}[]}>(who, line)
        if (!history) return
        expect(history).toEqual(answered('/api/records/load'))
        expect(history).toMatchObject({has_gpu_data: expect.any(Boolean), count: history.records.length})
        const {stdout} = await run(who, [...line, '--columns', 'time', '-o', 'csv', '--no-header'])
        const times = stdout.trimEnd().split('\n')
        expect(times).toEqual(times.toSorted())
        const sent = answered<{count: number}>('/api/records/load').count
        expect(stdout === '' ? 0 : times.length).toBe(sent)
      }
    })

    test('records load --type has the fields of that type', async () => {
      const line = ['records', 'load', visible.uuid, '--type', 'network', '--since', '30m']
      const history = await read<{records: object[]}>(who, line)
      if (!history) return
      expect(history).toMatchObject({load_type: 'network'})
      for (const record of history.records) expect(record).toHaveProperty('net_total_up')
    })

    test('records ping has the figures that its records give', async () => {
      const nodes = await read<Node[]>(who, 'node list')
      for (const {uuid} of (nodes ?? [{uuid: visible.uuid}]).slice(0, 2)) {
        const line = ['records', 'ping', uuid, '--hours', '1']
        const history = await read<Pings>(who, line)
        if (!history) return
        const {records = [], tasks = []} = answered<Partial<Pings>>('/api/records/ping')
        expect(history).toMatchObject({records, tasks, count: records.length})
        const table = await run(who, [
          ...line,
          '--columns',
          'id,points,last,max,loss',
          '-o',
          'csv',
          '--no-header',
        ])
        expect(table.exitCode).toBe(0)
        const rows = table.stdout.trimEnd().split('\n').filter(Boolean)
        const now = answered<Partial<Pings>>('/api/records/ping')
        const stats = counted()
        const ids = new Set([...(now.tasks ?? []), ...(now.records ?? [])].map(idOf))
        const lines = [...ids].map(id => {
          const last = (now.records ?? [])
            .filter(row => row.task_id === id)
            .toSorted(byTime)
            .at(-1)?.value
          const own = stats.find(one => one.task_id === String(id))
          const shown = last === undefined || last < 0 ? '' : last
          return [id, own?.total ?? 0, shown, own?.max ?? '', own?.loss ?? ''].join(',')
        })
        expect(rows.toSorted()).toEqual(lines.toSorted())
      }
    })

    test('records ping of a task, and of a task that nobody has', async () => {
      const history = await read<Pings>(who, `records ping --task ${taskId}`)
      if (!history) return
      expect(history).toMatchObject({count: 0, records: [], tasks: [{id: taskId, type: 'tcp'}]})
      expect((await run(who, `records ping --task ${taskId} -o id`)).stdout).toBe(`${taskId}\n`)
      expectFailure(await run(who, 'records ping --task 999999999 -o json'), 3, 'NOT_FOUND')
    })

    test('rpc calls methods, and what fails has its code', async () => {
      const version = await read(who, 'rpc common:getVersion')
      if (version === undefined) return
      expect(version).toEqual(await json(who, 'version'))
      expect(await json(who, 'rpc rpc.ping')).toBe('pong')
      expect(await json<string[]>(who, 'rpc rpc.methods')).toContain('common:getNodes')
      expectFailure(await run(who, 'rpc common:contractNone -o json'), 5, 'REJECTED')
      const unknown = await run(who, `rpc common:getNodes -f uuid=${nobody} -o json`)
      expectFailure(unknown, 5, 'REJECTED')
      const admin = await run(who, `rpc admin:getClient -f uuid=${visible.uuid} -o json`)
      if (seesHidden) expect(JSON.parse(admin.stdout)).toMatchObject({uuid: visible.uuid, group})
      else expectFailure(admin, 4, 'AUTH')
      const node = await json<Node>(who, `rpc common:getNodes -f uuid=${visible.uuid}`)
      expect('token' in node).toBe(seesHidden)
    })

    test('rpc sends batches, and a batch of one', async () => {
      const batch = async (calls: readonly object[]) =>
        run(who, 'rpc --input - -o json', {stdin: JSON.stringify(calls)})
      const some = await batch([
        {method: 'rpc.ping'},
        {method: 'common:contractNone'},
        {method: 'rpc.version'},
      ])
      if (isKept(who)) return expectFailure(some, 4, 'AUTH')
      expect(some.exitCode).toBe(9)
      expect(JSON.parse(some.stdout)).toEqual([
        {jsonrpc: '2.0', id: 1, result: 'pong'},
        expect.objectContaining({id: 2, error: expect.objectContaining({code: -32601})}),
        {jsonrpc: '2.0', id: 3, result: '2.0'},
      ])
      const one = await batch([{method: 'rpc.ping'}])
      expect(JSON.parse(one.stdout)).toEqual([{jsonrpc: '2.0', id: 1, result: 'pong'}])
      expectFailure(await batch([{method: 'common:contractNone'}]), 5, 'REJECTED')
    })

    test('api gives the data, and with --raw the envelope', async () => {
      const version = await json(who, 'version')
      expect(await json(who, 'api GET /api/version')).toEqual(version)
      expect(await json(who, 'api GET /api/version --raw')).toEqual({
        data: version,
        message: '',
        status: 'success',
      })
      const nodes = await read<Node[]>(who, 'api GET /api/nodes')
      if (!nodes) return
      expect(nodes.map(({uuid}) => uuid)).toContain(visible.uuid)
      // A trailing slash leads to the path without one.
      const moved = await json<Node[]>(who, 'api GET /api/nodes/')
      expect(moved.length).toBe(nodes.length)
    })

    test('api GET of the administrator', async () => {
      const list = await run(who, 'api GET /api/admin/client/list -o json')
      if (!seesHidden) return expectFailure(list, 4, 'AUTH')
      const nodes: {uuid: string}[] = JSON.parse(list.stdout)
      expect(nodes.map(({uuid}) => uuid)).toEqual(expect.arrayContaining([visible.uuid, hidden.uuid]))
      // "record not found" is a 500 there (trap 13).
      const unknown = await run(who, `api GET /api/admin/client/${nobody} -o json --retries 0`)
      expectFailure(unknown, 6, 'UNREACHABLE')
    })

    test('an unknown path is a page or a text, exit 10', async () => {
      const got = await run(who, 'api GET /api/contract-none -o json')
      const posted = await run(who, 'api POST /api/contract-none -o json')
      if (isKept(who)) {
        expectFailure(got, 4, 'AUTH')
        return expectFailure(posted, 4, 'AUTH')
      }
      expectFailure(got, 10, 'BAD_RESPONSE')
      expectFailure(posted, 10, 'BAD_RESPONSE')
      expectFailure(await run(who, 'api GET /contract/none -o json'), 10, 'BAD_RESPONSE')
    })

    test('what the panel does not take exits 5', async () => {
      for (const path of [
        `/api/records/load?uuid=${visible.uuid}&load_type=gpu`,
        `/api/records/load?uuid=${visible.uuid}&hours=abc`,
        '/api/records/load',
        '/api/records/ping',
        `/api/records/ping?task_id=abc`,
      ]) {
        const outcome = await run(who, ['api', 'GET', path, '-o', 'json'])
        if (isKept(who)) expectFailure(outcome, 4, 'AUTH')
        else expectFailure(outcome, 5, 'REJECTED')
      }
    })
  })

  const idOf = (row: {readonly id: number} | {readonly task_id: number}) =>
    'id' in row ? row.id : row.task_id

  function byTime(one: PingRecord, other: PingRecord): number {
    return Date.parse(one.time) - Date.parse(other.time)
  }

  describe('on the wire', () => {
    const upgrade = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'Y29udHJhY3QtY29udHJhYw==',
    }

    test('a WebSocket wants an Origin, and the right one', async () => {
      const headers = {...upgrade, Cookie: `session_token=${running.session}`}
      expect(await raw({path: '/api/clients', headers})).toMatchObject({
        status: 403,
        body: expect.stringMatching(/^Forbidden\n\{"error":".*CheckOrigin","status":"error"\}$/),
      })
      const foreign = {...headers, Origin: 'https://elsewhere.example'}
      expect(await raw({path: '/api/clients', headers: foreign})).toMatchObject({status: 403, body: ''})
    })

    test('a foreign Origin is refused over HTTP too, with an empty body', async () => {
      const headers = {Origin: 'https://elsewhere.example'}
      expect(await raw({path: '/api/version', headers})).toMatchObject({status: 403, body: ''})
    })

    test('answers have an envelope whose keys are sorted, and a bare one', async () => {
      const version = await raw({path: '/api/version'})
      expect(version.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(version.body).toMatch(
        /^\{"data":\{"hash":"[^"]*","version":"[^"]*"\},"message":"","status":"success"\}$/,
      )
      expect((await raw({path: '/api/me'})).body).toBe('{"logged_in":false,"username":"Guest"}')
    })

    test('refusals have these words', async () => {
      const refused = (message: string) => JSON.stringify({message, status: 'error'})
      const early = (message: string) => JSON.stringify({status: 'error', message})
      expect(await raw({path: '/api/admin/client/list'})).toMatchObject({
        status: 401,
        body: early('Unauthorized.'),
      })
      const recent = await raw({path: `/api/recent/${hidden.uuid}`})
      expect(recent).toMatchObject(
        site.private_site
          ? {status: 401, body: refused('Private site enabled, please login first')}
          : {status: 400, body: refused('UUID is required')},
      )
      const nodes = await raw({path: '/api/nodes'})
      expect(nodes).toMatchObject(
        site.private_site
          ? {status: 401, body: early('Private site is enabled, please login first.')}
          : {status: 200},
      )
    })
  })

  describe('credentials', () => {
    const login = (flags: readonly string[], stdin: string, context: string) => {
      const line = ['login', '--url', running.recorder.url, '--context', `${unique}-${context}`]
      return run('guest', [...line, '--store', 'file', '--replace', ...flags, '-o', 'json'], {
        env: {PANELCTL_CONFIG_DIR: running.folder},
        stdin,
      })
    }
    const saved = (line: readonly string[], context: string) =>
      run('guest', [...line, '--context', `${unique}-${context}`, '-o', 'json'], {
        env: {PANELCTL_CONFIG_DIR: running.folder},
      })
    const since = (count: number): readonly HttpRecording[] => running.recorder.exchanges.slice(count)

    test.each([
      ['KOMARI_API_KEY', 'API key'],
      ['KOMARI_SESSION_TOKEN', 'session'],
    ])('a wrong %s makes a guest, and exits 4 wherever it is given', async (variable, title) => {
      const env = {...environment('guest'), [variable]: wrong}
      const list = await run('guest', 'node list -o json', {env})
      expectFailure(list, 4, 'AUTH')
      expect(list.stdout).toBe('')
      const admin = await run('guest', 'api GET /api/admin/client/list -o json', {env})
      expectFailure(admin, 4, 'AUTH')
      expect(failureOf(admin).message).toContain(title)
    })

    test('a wrong key and a wrong session are found out at login, with one request', async () => {
      for (const flag of ['--with-token', '--with-session']) {
        const before = running.recorder.exchanges.length
        expectFailure(await login([flag], wrong, 'none'), 4, 'AUTH')
        expect(since(before).map(({request}) => request.path)).toEqual(['/api/admin/client/list'])
      }
    })

    test('a login with the key, and one with the session', async () => {
      for (const [flag, secret] of [
        ['--with-token', running.apiKey],
        ['--with-session', running.session],
      ] as const) {
        expect(await login([flag], `${secret}\n`, 'kept')).toMatchObject({exitCode: 0})
        const list = await saved(['node', 'list'], 'kept')
        expect(JSON.parse(list.stdout).map(({uuid}: Node) => uuid)).toContain(hidden.uuid)
      }
    })

    test('a wrong password is sent once', async () => {
      const before = running.recorder.exchanges.length
      const outcome = await login(['--username', `${unique}-nobody`, '--retries', '3'], wrong, 'none')
      if (site.disable_password_login) expectFailure(outcome, 5, 'REJECTED')
      else expectFailure(outcome, 4, 'AUTH')
      expect(since(before).map(({request}) => request.path)).toEqual(['/api/login'])
    })

    test('a login with a password makes a session, and a logout ends it; or is refused where that is off', async () => {
      const {username, password} = running.login
      if (site.disable_password_login) {
        const refused = await login(['--username', username], `${password}\n`, 'account')
        return expectFailure(refused, 5, 'REJECTED')
      }
      expect(await login(['--username', username], `${password}\n`, 'account')).toMatchObject({exitCode: 0})
      const me = await saved(['me'], 'account')
      expect(JSON.parse(me.stdout)).toMatchObject({logged_in: true, username})
      const {headers} = running.recorder.exchanges.at(-1)?.request ?? {headers: {}}
      const cookie = headerOf(headers, 'cookie') ?? ''
      expect(cookie).toMatch(/^session_token=\w{32}$/)
      expect(await saved(['logout'], 'account')).toMatchObject({
        exitCode: 0,
        stderr: expect.not.stringContaining('warning'),
      })
      const after = await raw({path: '/api/me', headers: {Cookie: cookie}})
      expect(after.body).toBe('{"logged_in":false,"username":"Guest"}')
    })
  })
})
