import {execFile} from 'node:child_process'
import {readdirSync} from 'node:fs'
import {promisify} from 'node:util'
import {afterEach, expect, test} from 'vitest'
import WebSocket from 'ws'
import {type DashboardSandbox, type NezhaOptions, startDashboard} from '../../emulated.js'
import {temporaryFolder} from '../../harness.js'

let panel: DashboardSandbox

afterEach(() => panel.close())

/** The JSON of an answer, with its status. */
async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const answer = await fetch(`${panel.url}${path}`, {
    method,
    headers: {'Content-Type': 'application/json', ...headers},
    ...(body === undefined ? {} : {body: JSON.stringify(body)}),
  })
  const text = await answer.text()
  return {status: answer.status, json: text.startsWith('{') ? JSON.parse(text) : text}
}

async function jwt(): Promise<{Authorization: string}> {
  const {username, password} = panel
  const {json} = await ask('POST', '/api/v1/login', {}, {username, password})
  return {Authorization: `Bearer ${json.data.token}`}
}

const start = async (options: NezhaOptions) => {
  panel = await startDashboard(options)
}

/** A request gets no answer while another one does, and is cut off when the panel starts anew. */
async function expectSilence(request: () => Promise<unknown>, headers: Record<string, string>) {
  let answered = false
  const asked = request().then(
    () => {
      answered = true
    },
    () => 'cut off',
  )
  expect(await ask('GET', '/api/v1/server', headers)).toMatchObject({status: 200})
  expect(answered).toBe(false)
  await panel.restart()
  expect(await asked).toBe('cut off')
}

test('below 1.5.5 a refused history keeps the lock that the next write waits for', async () => {
  await start({generation: 'v1', profile: '1.4.0'})
  const headers = await jwt()
  const refused = {status: 200, json: {error: 'server not found'}}
  expect(await ask('GET', '/api/v1/service/99', headers)).toEqual(refused)
  expect(await ask('GET', '/api/v1/service/99', headers)).toEqual(refused)
  await expectSilence(() => ask('PATCH', '/api/v1/server/1', headers, {name: 'x'}), headers)
})

test('an unknown id in a delete is the end of a v1 dashboard: it reads on, and answers no write', async () => {
  await start({generation: 'v1'})
  const headers = await jwt()
  expect(await ask('POST', '/api/v1/batch-delete/server', headers, [99])).toEqual({status: 500, json: ''})
  expect((await ask('GET', '/api/v1/server', headers)).json.data).toHaveLength(5)
  await expectSilence(() => ask('PATCH', '/api/v1/server/1', headers, {name: 'x'}), headers)
  await ask('POST', '/api/v1/batch-delete/server', headers, [99])
  await expectSilence(() => ask('GET', '/api/v1/service/1', headers), headers)
  expect((await ask('GET', '/api/v1/server', headers)).json.data[0].name).toBe('hub1')
  expect(await ask('PATCH', '/api/v1/server/1', headers, {name: 'x'})).toMatchObject({json: {success: true}})
})

test('a deleted server whose agent runs comes back under a new id, without its name', async () => {
  let at = Date.now()
  await start({generation: 'v2', now: () => at})
  const headers = {Authorization: `Bearer ${panel.pat}`}
  await ask('POST', '/api/v1/batch-delete/server', headers, [1])
  const ids = async () =>
    (await ask('GET', '/api/v1/server', headers)).json.data.map(({id}: {id: number}) => id).sort()
  expect(await ids()).toEqual([2, 3, 4, 5])
  at += 5000
  expect(await ids()).toEqual([2, 3, 4, 5, 6])
  expect((await ask('GET', '/api/v1/server?id=6', headers)).json.data[0]).toMatchObject({
    name: expect.stringMatching(/-/),
  })
})

test('a wrong password shuts the address out for longer each time, good credentials included', async () => {
  let at = Date.now()
  await start({generation: 'v2', realIpHeader: 'NZ::Use-Peer-IP', now: () => at})
  const wrong = () => ask('POST', '/api/v1/login', {}, {username: 'admin', password: 'no'})
  const status = async () => (await ask('GET', '/api/v1/setting')).status
  expect(await wrong()).toEqual({status: 200, json: {error: 'ApiErrorUnauthorized'}})
  expect(await status()).toBe(403)
  at += 3000
  expect(await status()).toBe(200)
  await wrong()
  at += 15_000
  expect(await status()).toBe(403)
  at += 1000
  await jwt()
  expect(await status()).toBe(200)
  await wrong()
  at += 3000
  expect(await status()).toBe(200)
})

test('frames come by themselves, the public note in the first of them', async () => {
  await start({
    generation: 'v2',
    servers: [
      {name: 'a', publicNote: 'p'},
      {name: 'b', hidden: true},
    ],
  })
  panel.state.feedEveryMs = 10
  const frames = await new Promise<Array<{servers: object[]; online: number}>>((resolve, reject) => {
    const seen: Array<{servers: object[]; online: number}> = []
    const socket = new WebSocket(`${panel.url.replace('http', 'ws')}/api/v1/ws/server`)
    socket.on('error', reject)
    socket.on('message', data => {
      if (seen.push(JSON.parse(data.toString())) < 2) return
      socket.terminate()
      resolve(seen)
    })
  })
  expect(frames[0]).toMatchObject({online: 1, servers: [{name: 'a', public_note: 'p'}]})
  expect(frames[1]?.servers).toHaveLength(1)
  expect(frames[1]?.servers[0]).not.toHaveProperty('public_note')
})

test('the install script starts an agent that is a server at once; run again it leaves a second configuration', async () => {
  await start({generation: 'v2', world: 'empty'})
  const script = await (await fetch(panel.environment.NEZHA_INSTALL_URL ?? '')).text()
  const folder = temporaryFolder()
  const run = (env: Record<string, string>) =>
    promisify(execFile)('sh', ['-c', script], {cwd: folder, env: {PATH: process.env.PATH, ...env}})
  const listed = async () =>
    (await ask('GET', '/api/v1/server', {Authorization: `Bearer ${panel.pat}`})).json.data ?? []
  const uuid = '3f1c7f0e-5a52-4c8e-9d06-6f3f4f1b8a01'
  const good = {
    NZ_SERVER: `127.0.0.1:${panel.probe.port}`,
    NZ_TLS: 'false',
    NZ_CLIENT_SECRET: panel.agentSecret,
    NZ_UUID: uuid,
  }
  await expect(run({NZ_SERVER: good.NZ_SERVER})).rejects.toMatchObject({
    code: 1,
    stdout: 'NZ_CLIENT_SECRET should not be empty\n',
  })
  // Success means that something was installed, not that it got through (contracts/nezha.md 2.3).
  for (const wrong of [{NZ_CLIENT_SECRET: 'wrong'}, {NZ_TLS: 'true'}, {NZ_SERVER: '127.0.0.1:1'}]) {
    expect((await run({...good, ...wrong})).stdout).toBe('nezha-agent successfully installed\n')
  }
  expect(await listed()).toEqual([])
  await run({...good, NZ_DISABLE_COMMAND_EXECUTE: 'true'})
  await run(good)
  expect(readdirSync(`${folder}/agent`).filter(name => /^config.*yml$/.test(name))).toHaveLength(5)
  const [server, ...others] = await listed()
  expect(others).toEqual([])
  expect(server).toMatchObject({
    uuid,
    host: {version: '2.3.3'},
    last_active: expect.not.stringMatching(/^0001/),
  })
})

test('an agent that goes away is offline: v1 keeps when, v2 does not', async () => {
  for (const [generation, kept] of [
    ['v1', true],
    ['v2', false],
  ] as const) {
    const at = Date.now()
    await start({generation, now: () => at, servers: [{name: 'a', state: 'offline', offlineMinutes: 5}]})
    const headers = generation === 'v1' ? await jwt() : {Authorization: `Bearer ${panel.pat}`}
    const [{last_active, host}] = (await ask('GET', '/api/v1/server', headers)).json.data
    expect(Math.round((at - Date.parse(last_active)) / 60_000) === 5, last_active).toBe(kept)
    expect(last_active === '0001-01-01T00:00:00Z').toBe(!kept)
    expect(host).toHaveProperty('mem_total')
    if (kept) await panel.close()
  }
})
