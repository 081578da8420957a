import {expect, onTestFinished, test} from 'vitest'
import {listen, startDashboard} from '../emulated.js'
import {cli, nezhaSandbox} from '../harness.js'
import {replayServer} from '../replay-server.js'

const numbers =
  '"NetInSpeed":18446744073709551615,"NetOutSpeed":18446744073709551614,"n":[9007199254740993],"m":-9007199254740993'

/** A dashboard whose agents' counters have wrapped. */
async function wrapped() {
  const sandbox = await nezhaSandbox()
  const own = await fetch(`${sandbox.url}/api/v1/server/details?id=1,2`, {
    headers: {authorization: sandbox.token},
  })
  const body = (await own.text()).replace(/"NetInSpeed":\d+,"NetOutSpeed":\d+/, numbers)
  const server = await listen({
    handler: () => ({status: 200, headers: {'content-type': 'application/json'}, body}),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  return {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: sandbox.token}
}

const exact = ['18446744073709551615', '18446744073709551614', '9007199254740993', '-9007199254740993']

test.each([
  'nezha server details 1 2 -o json',
  'nezha server details 1 2 -o ndjson',
  'nezha server details 1 2 -o yaml',
  'nezha server details 1 2 -o json --show-secrets',
  'nezha api GET /api/v1/server/details',
  'nezha api GET /api/v1/server/details -o yaml',
  'nezha api GET /api/v1/server/details --raw',
])('integers that a double cannot hold are printed as they came: %s', async line => {
  const {stdout, exitCode} = await cli(line, {env: await wrapped()})
  expect(exitCode).toBe(0)
  for (const figure of exact) expect(stdout).toMatch(new RegExp(`(^|[^\\d-])${figure}\\b(?!")`, 'm'))
})

test.each([
  'nezha server details 1 -o json',
  'nezha server details 1 -o yaml',
  'nezha server show 1 -o json',
  'nezha server status 1 -o json',
  'nezha server status 1 -o ndjson',
  'nezha server status 1 -o yaml',
  'nezha server status 1 --jq .[0]',
  'nezha api GET /api/v1/server',
])('so are those of Nezha v2, under the names of v0 and from its WebSocket: %s', async line => {
  const panel = await startDashboard({generation: 'v2'})
  onTestFinished(() => panel.close())
  panel.state.feedEveryMs = 50
  const {agent} = panel.state.servers.get(1) ?? {}
  if (agent?.kind !== 'machine') throw new Error('nobody reports')
  const {host} = agent.machine
  const fixed = {NetInTransfer: 18446744073709551615n, DiskUsed: 9007199254740993n}
  const machine = {...agent.machine, host: {...host, MemTotal: 9007199254740995n}, fixed}
  panel.state.update(1, {agent: {...agent, machine}})
  const {stdout, exitCode} = await cli(line, {
    env: {NEZHA_DASHBOARD_URL: panel.url, NEZHA_TOKEN: panel.pat},
  })
  expect(exitCode).toBe(0)
  for (const figure of ['18446744073709551615', '9007199254740993', '9007199254740995'])
    expect(stdout).toMatch(new RegExp(`[^\\d-]${figure}\\b(?!")`))
})

test('a counter that has wrapped is - in a table and comes last, up or down', async () => {
  const env = await wrapped()
  for (const sort of ['net_in', 'net_in:desc']) {
    const {stdout} = await cli(`nezha server details 1 2 --columns id,net_in --sort ${sort}`, {env})
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ *1 +-$/)
  }
})

test('a body is sent with the integers that were given', async () => {
  const server = await listen({
    handler: () => ({status: 200, headers: {'content-type': 'application/json'}, body: '{"code":0}'}),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  const env = {NEZHA_DASHBOARD_URL: server.url}
  const body = '{"id":9007199254740993}'
  await cli('nezha api POST /x --input -', {env, stdin: body})
  expect(server.requests[0]?.body).toBe(body)
  const planned = await cli('nezha api POST /x --input - --dry-run', {env, stdin: body})
  expect(planned.stdout).toContain('9007199254740993')
})

test('fields of -F are sent with the integers that were given, beside texts', async () => {
  const {environment: env, requests} = await nezhaSandbox()
  await cli('nezha api POST /x -F id=12345678901234567891 -f name=a -F more=[9007199254740993]', {env})
  expect(requests[0]?.body).toBe('{"name":"a","id":12345678901234567891,"more":[9007199254740993]}')
  const shown = await cli('nezha api POST /x -F id=12345678901234567891 --debug', {env})
  expect(shown.stderr).toContain('body {"id":12345678901234567891}')
})

test.each(['json', 'ndjson'])('long lists keep theirs, and what stands beside one: -o %s', async format => {
  const list = Array.from({length: 5000}, (_, at) => (at % 2 === 0 ? '18446744073709551615' : String(at)))
  const server = await replayServer()
  const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'x'}
  const printed = async (result: string) => {
    server.routes['GET /x'] = {text: `{"code":0,"message":"","result":${result}}`, type: 'application/json'}
    return (await cli(`nezha api GET /x -o ${format}`, {env})).stdout
  }
  const bare = await printed(`[${list.join(',')}]`)
  expect(bare.match(/18446744073709551615/g)).toHaveLength(2500)
  const beside = await printed(`{"id":9007199254740993,"list":[${list.join(',')}]}`)
  expect(beside).toMatch(/"id": ?9007199254740993/)
})

test('a configuration is written back with the integers that the panel has', async () => {
  const server = await replayServer()
  const text = `{"code":200,"msg":"","data":{"name":"node1","type":"VMWareSetup","addr":"","vm_count":0,"vm_list":[],"config":{"server_name":"node1","server_type":"VMWareSetup","extend_data":{"big":9007199254740993},"new_field":18446744073709551615}}}`
  server.otherwise = {text, type: 'application/json'}
  const plan = await cli('openidcs host update node1 --set remote_port=7000 --dry-run', {
    env: {OPENIDCS_URL: server.url, OPENIDCS_TOKEN: 'x'},
  })
  expect(plan.exitCode).toBe(0)
  expect(plan.stdout).toContain('"big": 9007199254740993')
  expect(plan.stdout).toContain('"new_field": 18446744073709551615')
})

test('the id of a server is printed as it came, by everything that prints ids', async () => {
  const ids = ['9007199254740993', '18446744073709551615', '9007199254740992', '7']
  const body = `{"code":0,"message":"success","result":[${ids.map(id => `{"id":${id},"name":"a","tag":"t","last_active":0,"ipv4":"","ipv6":"","valid_ip":""}`).join(',')}]}`
  const server = await listen({
    handler: () => ({status: 200, headers: {'content-type': 'application/json'}, body}),
    now: Date.now,
  })
  onTestFinished(() => server.close())
  const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'abcdefghijklmnopqrstuvwxyz123456'}
  for (const flags of ['-o id', '-o csv --columns id --no-header', '--columns id --no-header']) {
    const {stdout, exitCode} = await cli(`nezha server list ${flags}`, {env})
    expect(exitCode).toBe(0)
    expect(stdout.trim().split(/\s+/).toSorted()).toEqual(ids.toSorted())
  }
})

test.each([
  ['a server', '[{"id":9007199254740993,"name":"a","last_active":"0001-01-01T00:00:00Z"}]', '[]'],
  ['a group', '[]', '[{"group":{"id":9007199254740993,"name":"g"},"servers":null}]'],
  ['a member of a group', '[]', '[{"group":{"id":1,"name":"g"},"servers":[9007199254740993]}]'],
])('no command of Nezha v1 and v2 takes the id of %s for another', async (_, servers, groups) => {
  const server = await replayServer()
  const json = (text: string) => ({text, type: 'application/json'})
  server.otherwise = {...json('{"error":"404 Not Found"}'), status: 404}
  server.routes['GET /api/v1/setting'] = json('{"success":true,"data":{"config":{},"tsdb_enabled":true}}')
  server.routes['GET /api/v1/server'] = json(`{"success":true,"data":${servers}}`)
  server.routes['GET /api/v1/server-group'] = json(`{"success":true,"data":${groups}}`)
  const env = {NEZHA_DASHBOARD_URL: server.url, NEZHA_TOKEN: 'nzp_x'}
  for (const line of ['server list', 'server delete a --yes', 'server edit a --name b']) {
    const {stdout, stderr, exitCode} = await cli(`nezha ${line}`, {env})
    expect({stdout, exitCode}, line).toEqual({stdout: '', exitCode: 10})
    expect(stderr).toContain('not a whole number below 2^53')
  }
  expect(server.requests.filter(({method}) => method !== 'GET')).toEqual([])
})
