import {randomBytes} from 'node:crypto'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import type {Monitor, Server, ServerDetails} from '../../src/lib/panels/nezha/schemas.js'
import {type CliOptions, cli, type Outcome} from '../harness.js'
import {type RawAnswer, type RawRequest, rawRequest} from '../lib/sandbox/raw-request.js'
import {type NezhaAccess, targets, versionOn} from './nezha-targets.js'
import type {RunningTarget} from './targets.js'

/**
 * What holds for any dashboard of v0.20.12 or later, whatever is on it: emulated, or real when
 * `PANELCTL_LIVE_NEZHA_URL`, `PANELCTL_LIVE_NEZHA_TOKEN` and `PANELCTL_LIVE_NEZHA_COOKIE` (a whole Cookie header) are
 * set. A real one has two servers more afterwards, named `contract-…`, as a token cannot delete them; it should
 * have a server of its own before.
 */
describe.each(targets)('$name', {concurrent: false}, target => {
  const listPath = '/api/v1/server/list'
  const detailsPath = '/api/v1/server/details'
  const registerPath = '/api/v1/server/register'
  const refused = '{"code":403,"message":"访问此接口需要认证"}'
  const unique = `contract-${randomBytes(6).toString('hex')}`
  const secret = /^[0-9A-Za-z]{18}$/
  const unknownId = 999_999_999

  let running: RunningTarget & NezhaAccess
  let servers: Server[]
  /** One that guests may see, and one that they may not. */
  let visible: Server
  let hidden: Server
  let guestsNeedPassword: boolean
  let registered: Outcome

  function environment(credentials: Readonly<Record<string, string>>): Record<string, string> {
    return {
      PANELCTL_CONFIG_DIR: running.folder,
      NEZHA_DASHBOARD_URL: running.recorder.url,
      ...credentials,
    }
  }

  function run(line: string | readonly string[], options: CliOptions = {}): Promise<Outcome> {
    const env = environment({NEZHA_TOKEN: running.token})
    return cli(line, {env, now: running.now, ...options})
  }

  const asGuest = (line: string) => run(line, {env: environment({})})

  /** The JSON of a command that ends well, in silence but for an action's note. */
  async function json<Data>(line: string | readonly string[], exitCode = 0): Promise<Data> {
    const outcome = await run(line)
    expect(outcome, outcome.stderr).toMatchObject({exitCode})
    return JSON.parse(outcome.stdout)
  }

  function expectFailure(outcome: Outcome, exitCode: number, code: string): void {
    expect(outcome, outcome.stderr).toMatchObject({exitCode, stdout: ''})
    expect(JSON.parse(outcome.stderr)).toMatchObject({error: {code, exitCode, panel: 'nezha'}})
  }

  function raw(request: RawRequest): Promise<RawAnswer> {
    return rawRequest(running.recorder.port, request)
  }

  const authorized = (path: string, rest: Partial<RawRequest> = {}) =>
    raw({path, ...rest, headers: {Authorization: running.token, ...rest.headers}})

  /** Servers without what changes by itself from one call to the next. */
  const still = (list: readonly Server[]) => list.map(({id, name, tag}) => ({id, name, tag}))

  beforeAll(async () => {
    running = await target.start()
    running.recorder.label = 'before'
    const name = `${unique}-visible`
    const line = ['nezha', 'server', 'register', '--name', name, '--tag', unique, '--no-hide-for-guest']
    registered = await run([...line, '--simple', '-o', 'json'])
    servers = await json<Server[]>('nezha server list -o json')
    visible = servers.find(server => server.name === name) as Server
    const guest = await raw({path: `/api/v1/monitor/${visible.id}`})
    guestsNeedPassword = JSON.parse(guest.body).code === 403
  })

  beforeEach(({task}) => {
    running.recorder.label = task.name.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase()
  })

  afterAll(() => running?.close())

  describe('server list', () => {
    test('list is in the order of ids, every time', async () => {
      const first = await json<Server[]>('nezha server list -o json')
      const second = await json<Server[]>('nezha server list -o json')
      const ids = first.map(({id}) => id)
      expect(ids.length).toBeGreaterThan(0)
      expect(ids).toEqual(ids.toSorted((one, other) => one - other))
      expect(still(second)).toEqual(still(first))
      expect(still(first)).toEqual(still(servers))
    })

    test('list as table and as ids shows the same servers', async () => {
      const {stdout, exitCode} = await run('nezha server list')
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(/^ *ID {2}NAME +TAG +LAST ACTIVE/)
      expect(stdout.trimEnd().split('\n').length).toBe(servers.length + 1)
      const ids = await run('nezha server list -o id')
      expect(ids.stdout).toBe(servers.map(({id}) => `${id}\n`).join(''))
    })

    test('list by tag gives the servers of that tag', async () => {
      for (const tag of new Set(servers.map(server => server.tag).filter(tag => tag !== ''))) {
        const tagged = await json<Server[]>(['nezha', 'server', 'list', '--tag', tag, '-o', 'json'])
        expect(still(tagged)).toEqual(still(servers.filter(server => server.tag === tag)))
      }
    })

    test('list by a tag that nothing has is empty', async () => {
      expect(await json(['nezha', 'server', 'list', '--tag', `${unique}-none`, '-o', 'json'])).toEqual([])
    })

    test('list answers compact JSON with these keys in this order', async () => {
      const answer = await authorized(listPath)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.body.startsWith('{"code":0,"message":"success","result":[{"id":')).toBe(true)
      for (const server of JSON.parse(answer.body).result) {
        expect(Object.keys(server)).toEqual([
          'id',
          'name',
          'tag',
          'last_active',
          'ipv4',
          'ipv6',
          'valid_ip',
          'display_index',
          'hide_for_guest',
        ])
        expect(server).toMatchObject({display_index: 0, hide_for_guest: false})
      }
    })

    test('list with a query that Go cannot read has no filter', async () => {
      for (const query of ['?tag=', '?tag=%zz', '?tag=a;b', '?id=1&limit=1']) {
        const {result} = JSON.parse((await authorized(listPath + query)).body)
        expect(result.length).toBe(servers.length)
      }
    })
  })

  describe('server details', () => {
    test('details of all servers have host and status', async () => {
      const details = await json<ServerDetails[]>('nezha server details -o json')
      expect(still(details)).toEqual(still(servers))
      for (const {host, status} of details) {
        expect(Object.keys(host).slice(0, 3)).toEqual(['Platform', 'PlatformVersion', 'CPU'])
        expect(Object.keys(status).slice(0, 3)).toEqual(['CPU', 'MemUsed', 'SwapUsed'])
      }
    })

    test('details as a table', async () => {
      const {stdout, exitCode} = await run('nezha server details')
      expect(exitCode).toBe(0)
      expect(stdout.trimEnd().split('\n').length).toBe(servers.length + 1)
    })

    test('details by ids come in the order of the ids, each once', async () => {
      const ids = [servers.at(-1), servers[0], servers.at(-1)].map(server => server?.id)
      const details = await json<ServerDetails[]>(`nezha server details ${ids.join(' ')} -o json`)
      expect(details.map(({id}) => id)).toEqual([...new Set(ids)])
    })

    test('details with one missing id print the others and exit 9', async () => {
      const outcome = await run(`nezha server details ${unknownId} ${visible.id} -o json`)
      expect(outcome.exitCode).toBe(9)
      expect(still(JSON.parse(outcome.stdout))).toEqual(still([visible]))
      expect(JSON.parse(outcome.stderr)).toMatchObject({
        error: {code: 'PARTIAL', message: `there is no server ${unknownId}`},
      })
    })

    test('details with all ids missing exit 3', async () => {
      const outcome = await run(`nezha server details ${unknownId} ${unknownId + 1} -o json`)
      expectFailure(outcome, 3, 'NOT_FOUND')
    })

    test('details by tag', async () => {
      const details = await json<ServerDetails[]>([
        'nezha',
        'server',
        'details',
        '--tag',
        unique,
        '-o',
        'json',
      ])
      expect(details.map(({id}) => id)).toEqual([visible.id])
    })

    test('details drop ids that are none, and ask for all with an empty id', async () => {
      const ids = async (query: string): Promise<number[]> =>
        JSON.parse((await authorized(detailsPath + query)).body).result.map(({id}: Server) => id)
      expect(await ids(`?id=${unknownId}`)).toEqual([])
      expect(await ids(`?id=abc,-1,1.5,%20${visible.id},`)).toEqual([])
      expect(await ids(`?id=00${visible.id},${visible.id}`)).toEqual([visible.id, visible.id])
      expect((await ids('?id=')).length).toBe(servers.length)
    })

    test('details prefer the tag to the id', async () => {
      const other = servers.find(({tag}) => tag !== unique) ?? visible
      const answer = await authorized(`${detailsPath}?id=${other.id}&tag=${unique}`)
      expect(JSON.parse(answer.body).result.map(({id}: Server) => id)).toEqual([visible.id])
    })
  })

  describe('server show', () => {
    test('show by id and by name is the same server', async () => {
      const byId = await json<ServerDetails>(`nezha server show ${visible.id} -o json`)
      const byName = await json<ServerDetails>(['nezha', 'server', 'show', visible.name, '-o', 'json'])
      expect(still([byId, byName])).toEqual(still([visible, visible]))
    })

    test('show every server by its id', async () => {
      for (const {id} of servers) {
        expect(await json(`nezha server show ${id} -o json`)).toMatchObject({id})
      }
    })

    test('show an unknown id or name exits 3', async () => {
      expectFailure(await run(`nezha server show ${unknownId} -o json`), 3, 'NOT_FOUND')
      expectFailure(await run(['nezha', 'server', 'show', `${unique}-none`, '-o', 'json']), 3, 'NOT_FOUND')
    })
  })

  describe('server register', () => {
    test('register prints the bare secret and the server is in the list', async () => {
      const name = `${unique}-hidden`
      const line = ['nezha', 'server', 'register', '--name', name, '--tag', unique, '--note', 'contract test']
      const {stdout, exitCode} = await run(line)
      expect(exitCode).toBe(0)
      expect(stdout.slice(0, -1)).toMatch(secret)
      servers = await json<Server[]>('nezha server list -o json')
      hidden = servers.find(server => server.name === name) as Server
      expect(hidden).toMatchObject({tag: unique, last_active: -62_135_596_800, valid_ip: ''})
      const details = await json<ServerDetails[]>('nezha server details -o json')
      expect(details.find(({id}) => id === hidden.id)).toMatchObject({hide_for_guest: true})
      expect(details.find(({id}) => id === visible.id)).toMatchObject({hide_for_guest: false})
    })

    test('register --simple prints the bare secret in every format', () => {
      expect(registered.exitCode).toBe(0)
      expect(registered.stdout.slice(0, -1)).toMatch(secret)
    })

    test('register with a wrong token exits 4 and adds nothing', async () => {
      const env = environment({NEZHA_TOKEN: 'wrong'})
      const name = `${unique}-refused`
      const outcome = await run(['nezha', 'server', 'register', '--name', name, '-o', 'json'], {env})
      expectFailure(outcome, 4, 'AUTH')
      expect(await json<Server[]>('nezha server list -o json')).not.toContainEqual(
        expect.objectContaining({name}),
      )
    })

    test('register without a body is refused, and the token is looked at first', async () => {
      const empty = await authorized(registerPath, {method: 'POST'})
      expect(empty).toMatchObject({
        status: 400,
        body: '{"code":400,"message":"Parse JSON failed","secret":""}',
      })
      const broken = await raw({path: `${registerPath}?simple=1`, method: 'POST', body: '{'})
      expect(broken).toMatchObject({status: 200, body: refused})
    })

    test('register with a body of another type exits 5', async () => {
      const outcome = await run(`nezha api POST ${registerPath} -F HideForGuest=true -o json`)
      expectFailure(outcome, 5, 'REJECTED')
    })
  })

  describe('monitor show', () => {
    test('monitors of every server have a delay for each time', async () => {
      for (const {id} of servers) {
        for (const monitor of await json<Monitor[]>(`nezha monitor show ${id} -o json`)) {
          expect(monitor.server_id).toBe(id)
          expect(monitor.avg_delay.length).toBe(monitor.created_at.length)
          expect(monitor.created_at).toEqual(monitor.created_at.toSorted((one, other) => one - other))
        }
      }
    })

    test('monitors by name, as a table', async () => {
      const {stdout, stderr, exitCode} = await run(['nezha', 'monitor', 'show', visible.name])
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(/^MONITOR/)
      expect(stderr).toBe('no monitors\n')
    })

    test('no data is null on the wire and an empty array here', async () => {
      const answer = await authorized(`/api/v1/monitor/${visible.id}`)
      expect(answer).toMatchObject({status: 200, body: '{"code":0,"message":"success","result":null}'})
      expect(await json(`nezha monitor show ${visible.id} -o json`)).toEqual([])
    })

    test('monitors without credentials, unless the site has a view password', async () => {
      const outcome = await asGuest(`nezha monitor show ${visible.id} -o json`)
      if (guestsNeedPassword) expectFailure(outcome, 4, 'AUTH')
      else expect(outcome).toMatchObject({exitCode: 0, stdout: '[]\n'})
    })

    test('monitors of a hidden server for guests exit 4', async () => {
      expectFailure(await asGuest(`nezha monitor show ${hidden.id} -o json`), 4, 'AUTH')
      const answer = await raw({path: `/api/v1/monitor/${hidden.id}`})
      expect(answer).toMatchObject(
        guestsNeedPassword
          ? {status: 200, body: '{"code":403,"message":"访问受限"}'}
          : {status: 403, body: '{"code":403,"message":"需要认证"}'},
      )
      expect(await json(`nezha monitor show ${hidden.id} -o json`)).toEqual([])
    })

    test('monitors of an unknown server exit 3', async () => {
      expectFailure(await run(`nezha monitor show ${unknownId} -o json`), 3, 'NOT_FOUND')
      const answer = await authorized(`/api/v1/monitor/${unknownId}`)
      expect(answer).toMatchObject({status: 404, body: '{"code":404,"message":"id不存在"}'})
    })

    test('an id that is none is refused', async () => {
      const answer = await authorized('/api/v1/monitor/abc')
      expect(answer).toMatchObject({status: 400, body: '{"code":400,"message":"id参数错误"}'})
      expectFailure(await run('nezha api GET /api/v1/monitor/abc -o json'), 5, 'REJECTED')
    })
  })

  describe('api', () => {
    test('api gives the data, and with --raw the envelope', async () => {
      const byId = (list: readonly Server[]) => still(list).toSorted((one, other) => one.id - other.id)
      expect(byId(await json<Server[]>(`nezha api GET ${listPath}`))).toEqual(still(servers))
      const tagged = await json<{result: Server[]}>(`nezha api GET ${listPath} -f tag=${unique} --raw`)
      expect(tagged).toMatchObject({code: 0, message: 'success'})
      expect(still(tagged.result)).toEqual(still([visible, hidden]))
    })

    test('an unknown path or a wrong method is a page, exit 10', async () => {
      const paths = ['GET /api/v1/nope', `POST ${listPath}`, `GET ${registerPath}`, 'GET /api/v1/monitor']
      for (const path of paths) expectFailure(await run(`nezha api ${path} -o json`), 10, 'BAD_RESPONSE')
      const answer = await raw({path: '/api/v1/nope'})
      expect(answer).toMatchObject({status: 404, headers: {'content-type': 'text/html; charset=utf-8'}})
      expect(answer.body).toContain('该页面内容可能已着陆火星')
      expect(versionOn(answer.body)).toMatch(/^0\.\d+\.\d+$/)
    })

    test('a trailing slash redirects before it asks for a token', async () => {
      expect(await raw({path: `${listPath}/?tag=a`})).toMatchObject({
        status: 301,
        headers: {location: `${listPath}?tag=a`},
      })
      expect(await raw({path: `${registerPath}/`, method: 'POST', body: '{}'})).toMatchObject({
        status: 307,
        headers: {location: registerPath},
      })
      expect(still(await json(`nezha api GET ${listPath}/ -f tag=${unique}`))).toEqual(
        still([visible, hidden]),
      )
    })
  })

  describe('credentials', () => {
    test('a wrong token exits 4, although the status is 200', async () => {
      const env = environment({NEZHA_TOKEN: 'wrong'})
      for (const line of [
        'nezha server list',
        'nezha server details',
        `nezha server show ${visible.id}`,
        `nezha api GET ${listPath}`,
      ]) {
        expectFailure(await run(`${line} -o json`, {env}), 4, 'AUTH')
      }
      expect(await raw({path: listPath, headers: {Authorization: 'wrong'}})).toMatchObject({
        status: 200,
        body: refused,
      })
    })

    test('no credentials, and a token as Bearer, are answered alike', async () => {
      expect(await raw({path: listPath})).toMatchObject({status: 200, body: refused})
      const headers = {Authorization: `Bearer ${running.token}`}
      expect(await raw({path: listPath, headers})).toMatchObject({status: 200, body: refused})
      expect((await asGuest('nezha server list')).exitCode).toBe(4)
    })

    test('a login with the token', async () => {
      const {folder, recorder, token} = running
      const env = {PANELCTL_CONFIG_DIR: folder}
      const line = ['nezha', 'login', '--with-token', '--url', recorder.url, '--context', `${unique}-token`]
      expect((await run(line, {env, stdin: `${token}\n`})).exitCode).toBe(0)
      const outcome = await run(`nezha server list -o json --context ${unique}-token`, {env})
      expect(still(JSON.parse(outcome.stdout))).toEqual(still(servers))
    })

    test('a login with a wrong token exits 4', async () => {
      const {folder, recorder} = running
      const line = ['nezha', 'login', '--with-token', '--url', recorder.url, '--context', `${unique}-none`]
      const outcome = await run(line, {env: {PANELCTL_CONFIG_DIR: folder}, stdin: 'wrong\n'})
      expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
    })

    test('a login with the cookie', async () => {
      const {folder, recorder, cookie} = running
      const env = {PANELCTL_CONFIG_DIR: folder}
      const line = ['nezha', 'login', '--with-cookie', '--url', recorder.url, '--context', `${unique}-cookie`]
      expect((await run(line, {env, stdin: `Cookie: ${cookie}\n`})).exitCode).toBe(0)
      const outcome = await run(`nezha server list -o json --context ${unique}-cookie`, {env})
      expect(still(JSON.parse(outcome.stdout))).toEqual(still(servers))
    })

    test('the cookie from the environment', async () => {
      const {cookie} = running
      const env = environment({NEZHA_COOKIE: cookie})
      const outcome = await run(`nezha monitor show ${hidden.id} -o json`, {env})
      expect(outcome).toMatchObject({exitCode: 0, stdout: '[]\n'})
      const wrong = environment({NEZHA_COOKIE: 'nezha-dashboard=wrong'})
      expectFailure(await run('nezha server list -o json', {env: wrong}), 4, 'AUTH')
    })
  })
})
