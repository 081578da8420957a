import {randomBytes} from 'node:crypto'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import type {Server, ServerDetails} from '../../src/lib/panels/nezha/schemas.js'
import {type CliOptions, cli, type Outcome} from '../harness.js'
import {type RawAnswer, type RawRequest, rawRequest} from '../lib/sandbox/raw-request.js'
import {expectFailure, jsonOf, readingCommands, still, unknownId} from './nezha-commands.js'
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

  const json = <Data>(line: string | readonly string[]) => jsonOf<Data>({run}, line)

  function raw(request: RawRequest): Promise<RawAnswer> {
    return rawRequest(running.recorder.port, request)
  }

  const authorized = (path: string, rest: Partial<RawRequest> = {}) =>
    raw({path, ...rest, headers: {Authorization: running.token, ...rest.headers}})

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

  readingCommands(() => ({
    run,
    servers,
    visible,
    unique,
    wrong: environment({NEZHA_TOKEN: 'wrong'}),
  }))

  describe('server list', () => {
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
    test('monitors by name, as a table', async () => {
      const {stdout, stderr, exitCode} = await run(['nezha', 'monitor', 'show', visible.name])
      expect(exitCode).toBe(0)
      expect(stdout).toMatch(/^MONITOR/)
      expect(stderr).toBe('no monitors with measurements\n')
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
