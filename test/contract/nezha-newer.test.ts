import {randomBytes} from 'node:crypto'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import * as z from 'zod/mini'
import {Interrupted} from '../../src/lib/command/interrupted.js'
import type {AnyEndpoint} from '../../src/lib/http/endpoint.js'
import type {Monitor, Server, ServerDetails} from '../../src/lib/panels/nezha/schemas.js'
import * as exported from '../../src/lib/panels/nezha/v1/endpoints.js'
import {type CliOptions, cli, type Outcome} from '../harness.js'
import {parsed} from '../recordings.js'
import {expectFailure, jsonOf, readingCommands, still, unknownId} from './nezha-commands.js'
import {type NewerAccess, newerTargets} from './nezha-targets.js'
import type {RunningTarget} from './targets.js'

const {liveFeed, ...endpoints} = exported

interface Changed extends ServerDetails {
  readonly changed: boolean
}

/** The envelope of contracts/nezha.md 3.0, or that of `/mcp`. */
interface Answer {
  readonly success?: boolean
  readonly data?: unknown
  readonly result?: unknown
}

interface Group {
  readonly id: number
  readonly name: string
  readonly servers: readonly number[]
}

/**
 * What holds for any dashboard of v1 or v2, whatever is on it: emulated, or real when `PANELCTL_LIVE_NEZHA_GENERATION` is v1
 * or v2 and `PANELCTL_LIVE_NEZHA_URL`, `…_USERNAME`, `…_PASSWORD`, `…_SPARE` and on v2 `…_TOKEN` are set. A real one needs a
 * server that reports, and loses the spare one; its firewall has to be off, as wrong passwords are tried.
 */
describe.each(newerTargets)('$name', {concurrent: false}, target => {
  const unique = `contract-${randomBytes(6).toString('hex')}`
  let running: RunningTarget & NewerAccess
  let isV2: boolean
  let servers: Server[]
  let visible: Server
  /** One whose agent reports. */
  let reporting: ServerDetails

  const base = () => ({PANELCTL_CONFIG_DIR: running.folder, NEZHA_DASHBOARD_URL: running.recorder.url})
  const account = (password: string) => ({
    ...base(),
    NEZHA_USERNAME: running.username,
    NEZHA_PASSWORD: password,
  })

  /** With a token where there are some. */
  function run(line: string | readonly string[], options: CliOptions = {}): Promise<Outcome> {
    const env = isV2 ? {...base(), NEZHA_TOKEN: running.token} : account(running.password)
    return cli(line, {env, now: running.now, ...options})
  }

  const json = <Data>(line: string | readonly string[], options?: CliOptions) =>
    jsonOf<Data>({run: given => run(given, options)}, line)
  const list = () => json<Server[]>('nezha server list -o json')
  const groups = () => json<Group[]>('nezha group list -o json')

  beforeAll(async () => {
    running = await target.start()
    isV2 = running.generation === 'v2'
    running.recorder.label = 'before'
    await json(['nezha', 'server', 'edit', running.spare, '--no-hide', '-o', 'json'])
    await json(['nezha', 'group', 'create', unique, '--server', running.spare, '-o', 'json'])
    servers = await list()
    visible = servers.find(({name}) => name === running.spare) as Server
    const seen = await json<Array<ServerDetails & {online: boolean}>>('nezha server status -o json')
    reporting = seen.find(({online}) => online) as ServerDetails
  })

  beforeEach(({task}) => {
    running.recorder.label = task.name.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase()
  })

  afterAll(async () => {
    if (!running) return
    await run(['nezha', 'group', 'delete', unique, '--yes', '--if-missing', 'skip'])
    await running.close()
  })

  readingCommands(() => ({
    run,
    servers,
    visible,
    unique,
    wrong: isV2 ? {...base(), NEZHA_TOKEN: 'nzp_wrong'} : account('not-the-password'),
  }))

  describe('what servers report', () => {
    test('details have figures under the names of v0, and what the newer tell besides', async () => {
      const details = await json<ServerDetails>(`nezha server show ${reporting.id} -o json`)
      expect(details).toMatchObject({uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), online: true})
      expect(details.host.MemTotal).toBeGreaterThan(0)
      expect(details.status.Uptime).toBeGreaterThan(0)
      expect(details.tag).toBe(details.groups?.join(','))
    })

    test('status has every server, and says which are online', async () => {
      const seen = await json<Array<{id: number; online: boolean}>>('nezha server status -o json')
      expect(seen.map(({id}) => id).toSorted((one, other) => one - other)).toEqual(servers.map(({id}) => id))
      expect(seen).toContainEqual(expect.objectContaining({id: reporting.id, online: true}))
      expect(seen).toContainEqual(expect.objectContaining({id: visible.id, online: false}))
    })

    test('status --follow prints one array a line until it is interrupted', async () => {
      const interruption = new AbortController()
      const outcome = await run(`nezha server status ${reporting.id} --follow -o ndjson`, {
        signal: interruption.signal,
        written: (text, stream) => {
          const lines = text.split('\n').length - 1
          if (stream === 'stdout' && lines === 2) interruption.abort(new Interrupted(130))
        },
      })
      expect(outcome.exitCode, outcome.stderr).toBe(130)
      for (const line of outcome.stdout.trimEnd().split('\n')) {
        expect(JSON.parse(line)).toMatchObject([{id: reporting.id, online: true}])
      }
    })

    test('an unknown server has no status, no history, and exits 3', async () => {
      for (const line of ['status', ...(isV2 ? ['metrics --metric cpu'] : [])]) {
        expectFailure(await run(`nezha server ${line} ${unknownId} -o json`), 3, 'NOT_FOUND')
      }
    })

    test('metrics are points in the order of time, of v2 alone', async () => {
      const line = `nezha server metrics ${reporting.id} --metric cpu -o json`
      if (!isV2) return expectFailure(await run(line), 5, 'REJECTED')
      const points = await json<Array<{ts: number; value: number}>>(line)
      expect(points.length).toBeGreaterThan(0)
      expect(points.map(({ts}) => ts)).toEqual(points.map(({ts}) => ts).toSorted((one, other) => one - other))
      for (const {value} of points) expect(value).toBeGreaterThanOrEqual(0)
    })

    test('the monitors of a server that reports have delays', async () => {
      const monitors = await json<Monitor[]>(`nezha monitor show ${reporting.id} -o json`)
      expect(monitors.length).toBeGreaterThan(0)
      for (const {created_at} of monitors) expect(created_at.length).toBeGreaterThan(0)
    })

    test('guests see what the dashboard shows them', async () => {
      const groupsOfGuests = await run('nezha api GET /api/v1/server-group', {env: base()})
      const outcome = await run('nezha server status -o json', {env: base()})
      if (groupsOfGuests.exitCode === 4) return expect(outcome).toMatchObject({exitCode: 4, stdout: ''})
      expect(outcome, outcome.stderr).toMatchObject({exitCode: 0})
      expect(JSON.parse(outcome.stdout)).toContainEqual(expect.objectContaining({id: visible.id}))
    })
  })

  test('register adds nothing, and tells the secret of the account with a UUID for the agent', async () => {
    const told = await json<Record<string, unknown>>('nezha server register --name contract -o json')
    expect(told).toMatchObject({secret: expect.stringMatching(/^\w{32}$/), uuid: expect.any(String)})
    const bare = await run('nezha server register')
    expect(bare).toMatchObject({exitCode: 0, stdout: `${told.secret}\n`})
    expect(still(await list())).toEqual(still(servers))
  })

  describe('changes', () => {
    const edit = (...flags: string[]) =>
      json<Changed>(['nezha', 'server', 'edit', String(visible.id), ...flags, '-o', 'json'])

    test('edit changes what is named, leaves the rest, and nothing where it is so already', async () => {
      const wanted = {name: `${unique}-spare`, note: 'rack 4', public_note: 'here', display_index: 3}
      const flags = ['--name', wanted.name, '--note', 'rack 4', '--public-note', 'here', '--order', '3']
      expect(await edit(...flags, '--hide')).toMatchObject({...wanted, hide_for_guest: true, changed: true})
      expect(await edit('--note', 'rack 4')).toMatchObject({changed: false})
      expect(await edit('--no-hide')).toMatchObject({...wanted, changed: true})
      const shown = await json<ServerDetails>(`nezha server show ${wanted.name} -o json`)
      expect(shown).toMatchObject({...wanted, id: visible.id, hide_for_guest: false})
    })

    test('edit of an unknown server exits 3, and without a change 2', async () => {
      expectFailure(await run(`nezha server edit ${unknownId} --name x -o json`), 3, 'NOT_FOUND')
      expect(await run(`nezha server edit ${visible.id}`)).toMatchObject({exitCode: 2, stdout: ''})
    })

    test('a group that exists is not made again', async () => {
      const there = (await groups()).find(({name}) => name === unique)
      expect(there).toMatchObject({servers: [visible.id]})
      expectFailure(await run(`nezha group create ${unique} -o json`), 5, 'REJECTED')
      const left = await json(`nezha group create ${unique} --if-exists skip -o json`)
      expect(left).toEqual({...there, changed: false})
    })

    test('servers go into a group, once, and out of it, and the others stay', async () => {
      const change = (verb: string) =>
        json<Group & {changed: boolean}>(`nezha group ${verb} ${unique} ${reporting.id} -o json`)
      const both = [visible.id, reporting.id].toSorted((one, other) => one - other)
      expect(await change('add')).toMatchObject({changed: true})
      expect(await change('add')).toMatchObject({changed: false})
      const tagged = await json<Server[]>(`nezha server list --tag ${unique} -o json`)
      expect(tagged.map(({id}) => id)).toEqual(both)
      const shown = await json<ServerDetails>(`nezha server show ${reporting.id} -o json`)
      expect(shown.groups).toContain(unique)
      expect(await change('remove')).toMatchObject({changed: true})
      expect(await change('remove')).toMatchObject({changed: false})
      expect(await groups()).toContainEqual(expect.objectContaining({name: unique, servers: [visible.id]}))
    })

    test('a group is deleted with --yes alone, and once', async () => {
      const line = `nezha group delete ${unique} -o json`
      expect(await run(line)).toMatchObject({exitCode: 2, stdout: ''})
      expect(await run(`${line} --yes`)).toMatchObject({exitCode: 0})
      expectFailure(await run(`${line} --yes`), 3, 'NOT_FOUND')
      expect(await run(`${line} --yes --if-missing skip`)).toMatchObject({exitCode: 0})
      expect((await groups()).map(({name}) => name)).not.toContain(unique)
    })

    test('settings are changed by a session alone, and the rest of them stays', async () => {
      const env = account(running.password)
      const set = (name: string) =>
        json<Record<string, unknown>>(['nezha', 'setting', 'set', '--site-name', name, '-o', 'json'], {env})
      const before = await json<{site_name: string}>('nezha setting show -o json', {env})
      expect(await set(unique)).toEqual({...before, site_name: unique, changed: true})
      expect(await set(before.site_name)).toEqual({...before, changed: true})
      if (isV2) expectFailure(await run('nezha setting show -o json'), 4, 'AUTH')
    })

    test('an agent that is not there is neither configured nor updated', async () => {
      for (const line of ['config show', 'config set --report-delay 2', 'update']) {
        const [verb = '', ...rest] = line.split(' --')
        const flags = rest.map(flag => `--${flag}`).join(' ')
        expectFailure(await run(`nezha agent ${verb} ${visible.id} ${flags} -o json`), 6, 'UNREACHABLE')
      }
    })

    test('the firewall shuts nobody out, and forgets whom it is told to', async () => {
      expect(await json('nezha waf list -o json')).toEqual([])
      expectFailure(await run('nezha waf unblock 198.51.100.9 -o json'), 3, 'NOT_FOUND')
      const forgotten = await run('nezha api POST /api/v1/batch-delete/waf --input -', {
        stdin: '["198.51.100.9"]',
      })
      expect(forgotten, forgotten.stderr).toMatchObject({exitCode: 0})
    })

    test('a service has a history by server, of v2 alone', async () => {
      const [service] = await json<Array<{id: number}>>('nezha service list -o json')
      const line = `nezha service history ${service?.id} -o json`
      if (!isV2) return expectFailure(await run(line), 5, 'REJECTED')
      expect(await json<Array<{server_id: number}>>(line)).toContainEqual(
        expect.objectContaining({server_id: reporting.id}),
      )
    })

    test('a server is deleted with --yes alone, once, and no other with it', async () => {
      const line = `nezha server delete ${visible.id} -o json`
      expect(await run(line)).toMatchObject({exitCode: 2, stdout: ''})
      expect(await run(`${line} --yes`)).toMatchObject({exitCode: 0})
      expectFailure(await run(`${line} --yes`), 3, 'NOT_FOUND')
      expectFailure(await run(`nezha server delete ${unknownId} --yes -o json`), 3, 'NOT_FOUND')
      servers = servers.filter(({id}) => id !== visible.id)
      expect(still(await list())).toEqual(still(servers))
    })
  })

  describe('api', () => {
    test('api gives the data, and with --raw the envelope', async () => {
      const ids = servers.map(({id}) => id)
      expect(await json('nezha api GET /api/v1/service')).toHaveProperty('services')
      const data = await json<Server[]>('nezha api GET /api/v1/server')
      expect(data.map(({id}) => id).toSorted((one, other) => one - other)).toEqual(ids)
      expect(await json('nezha api GET /api/v1/server --raw')).toMatchObject({success: true})
    })

    test('api gives administrators the accounts', async () => {
      const accounts = await json<Array<{username: string}>>('nezha api GET /api/v1/user')
      expect(accounts).toContainEqual(
        expect.objectContaining({
          username: running.username,
          agent_secret: expect.stringMatching(/^\w{32}$/),
        }),
      )
    })

    test('an unknown path exits 10', async () => {
      expectFailure(await run('nezha api GET /api/v1/nope -o json'), 10, 'BAD_RESPONSE')
    })
  })

  describe('logging in', () => {
    /** In a context, and without a variable that says where. */
    const inContext = (line: string | readonly string[], stdin?: string) =>
      run(line, {env: {PANELCTL_CONFIG_DIR: running.folder}, ...(stdin !== undefined && {stdin})})
    const contexts = async (line: string) =>
      JSON.parse((await inContext(`context ${line} -o json`)).stdout) as unknown[]

    async function worksUntilLogout(login: readonly string[], stdin: string): Promise<void> {
      const {recorder, generation} = running
      const entered = await inContext(['nezha', 'login', '--url', recorder.url, ...login], stdin)
      expect(entered, entered.stderr).toMatchObject({exitCode: 0, stdout: ''})
      expect(await contexts('list')).toMatchObject([{generation}])
      expect(await contexts('check')).toMatchObject([{generation, result: 'works'}])
      const given = JSON.parse((await inContext('nezha server list -o json')).stdout)
      expect(still(given)).toEqual(still(servers))
      // A write needs what v2 wants of a session besides (contracts/nezha.md 3.1).
      expect(await inContext(`nezha group create ${unique}`)).toMatchObject({exitCode: 0})
      const made = (await groups()).find(({name}) => name === unique)
      const body = JSON.stringify([made?.id])
      const deleted = await inContext('nezha api POST /api/v1/batch-delete/server-group --input -', body)
      expect(deleted, deleted.stderr).toMatchObject({exitCode: 0})
      expect(await inContext('nezha api GET /api/v1/setting')).toMatchObject({exitCode: 0})
      expect(await inContext('nezha server register')).toMatchObject({exitCode: 0})
      expect(await inContext('nezha logout')).toMatchObject({exitCode: 0})
      expect(await inContext('nezha server list')).toMatchObject({exitCode: 4, stdout: ''})
    }

    test('a user name and a password work until logout', () =>
      worksUntilLogout(['--username', running.username], `${running.password}\n`))

    test('a token works until logout, of v2 alone', async () => {
      if (isV2) return worksUntilLogout(['--with-token'], `${running.token}\n`)
      const line = ['nezha', 'login', '--url', running.recorder.url, '--with-token']
      expect(await inContext(line, 'nzp_wrong\n')).toMatchObject({exitCode: 4, stdout: ''})
    })

    test('a wrong password exits 4', async () => {
      const line = ['nezha', 'login', '--url', running.recorder.url, '--username', running.username]
      expect(await inContext(line, 'not-the-password\n')).toMatchObject({exitCode: 4, stdout: ''})
    })
  })

  test('every endpoint of the generation was asked, and answers as it says', () => {
    const own = Object.entries<AnyEndpoint>(endpoints).filter(([, {generations}]) =>
      generations?.includes(running.generation),
    )
    const {recordings, exchanges} = running.recorder
    for (const [name, {method, path, result}] of own) {
      const asked = new RegExp(`^${path.replaceAll(/:\w+/g, '\\d+')}(\\?.*)?$`)
      const answers = exchanges.filter(({request}) => request.method === method && asked.test(request.path))
      expect(answers.length, name).toBeGreaterThan(0)
      for (const {response} of answers) {
        const {success, data = null, result: told} = (parsed(response.raw ?? '') ?? {}) as Answer
        if (success === true) z.parse(result, data)
        if (told !== undefined) z.parse(result, told)
      }
    }
    const fed = recordings.filter(recording => 'websocket' in recording)
    const frames = fed.flatMap(recording => recording.frames)
    expect(frames.length).toBeGreaterThan(1)
    for (const {recv} of frames) z.parse(liveFeed.result, JSON.parse(recv ?? ''))
  })
})
