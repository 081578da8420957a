import {execFile, spawnSync} from 'node:child_process'
import {promisify} from 'node:util'
import {expect, test} from 'vitest'
import {failureOf, paths} from '../../failure.js'
import {cli, komariSandbox, temporaryFolder} from '../../harness.js'

async function panelOf(options: Parameters<typeof komariSandbox>[0] = {}) {
  const panel = await komariSandbox(options)
  const run = (line: string) => cli(`komari ${line}`, {env: panel.environment})
  const json = async (line: string) => JSON.parse((await run(`${line} -o json`)).stdout)
  return {panel, run, json}
}

test('a session is called by what nobody can log in with, and ended by it', async () => {
  const {panel, run, json} = await panelOf()
  const login = {username: panel.username, password: panel.password}
  await fetch(`${panel.url}/api/login`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(login),
  })
  const [session, ...others] = await json('session list')
  expect(session.id).toMatch(/^[0-9a-f]{8}$/)
  const {stdout} = await run('session list --columns all')
  for (const token of panel.state.sessions.keys()) expect(stdout).not.toContain(token)
  expect(await run(`session delete ${session.id} --yes`)).toMatchObject({
    exitCode: 0,
    stderr: `deleted the session ${session.id}\n`,
  })
  expect(await json('session list')).toEqual(others)
  expect(failureOf(await run(`session delete ${session.id} --yes -o json`))).toMatchObject({
    exitCode: 3,
    reason: 'missing',
  })
})

test('a session ends all others but itself, an API key all', async () => {
  const {panel, run, json} = await panelOf()
  const {username, password} = panel
  const logIn = async () => {
    const answer = await fetch(`${panel.url}/api/login`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({username, password}),
    })
    return /session_token=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? ''
  }
  const own = await logIn()
  await logIn()
  const env = {...panel.environment, KOMARI_API_KEY: undefined, KOMARI_SESSION_TOKEN: own}
  const asOwn = (line: string) => cli(`komari session ${line}`, {env})
  const marked = JSON.parse((await asOwn('list -o json')).stdout)
  const current = marked.filter((one: {current: boolean}) => one.current)
  expect({sessions: marked.length, current: current.length}).toEqual({sessions: 3, current: 1})
  expect(failureOf(await asOwn(`delete ${current[0].id} --yes -o json`))).toMatchObject({
    exitCode: 5,
    hint: 'to end it: panelctl komari logout',
  })
  expect(await asOwn('delete --all')).toMatchObject({exitCode: 2, stdout: ''})
  expect(await asOwn('delete')).toMatchObject({exitCode: 2, stdout: ''})
  expect(panel.state.sessions.size).toBe(3)
  expect(await asOwn('delete --all --yes')).toMatchObject({exitCode: 0})
  expect([...panel.state.sessions.keys()]).toEqual([own])
  expect(await json('session list')).toMatchObject([{current: false}])
  expect(await run('session delete --all --yes')).toMatchObject({exitCode: 0})
  expect(panel.state.sessions.size).toBe(0)
  const none = {stderr: 'there are no sessions but your own\n', exitCode: 0}
  expect(await run('session delete --all --yes')).toEqual({...none, stdout: ''})
  expect(await json('session delete --all --yes')).toEqual([])
})

test('the log ends with the newest entry', async () => {
  const {run, json} = await panelOf()
  await run('node edit web1 --remark one')
  await run('node edit db1 --remark two')
  const entries = await json('log list --tail 2')
  expect(entries).toHaveLength(2)
  expect(entries[0].id).toBeLessThan(entries[1].id)
  expect(entries[1].message).toContain('edit client')
  expect(await json('log list --type nosuch')).toEqual([])
  expect(await run('log list --type information')).toMatchObject({
    exitCode: 0,
    stderr: 'no entries with --type information; there are info\n',
  })
  expect((await run('log list --type Info')).stderr).toContain('did you mean "info"?')
  expect(await run("log list --type ''")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--type: an empty text was given'),
  })
})

test('nodes are put into the order that is typed', async () => {
  const {run, json} = await panelOf()
  expect(await json('node order db1 web1')).toMatchObject({order: ['db1', 'web1'], changed: true})
  const weights = (await json('node list')).map(({name, weight}: Record<string, unknown>) => [name, weight])
  expect(weights.slice(0, 2)).toEqual([
    ['db1', 0],
    ['web1', 1],
  ])
  // A second time it changes nothing, and says so.
  expect(await json('node order db1 web1')).toEqual({order: ['db1', 'web1'], changed: false})
  expect(await run('node order db1 web1')).toMatchObject({
    stderr: 'they are in that order already; nothing was sent\n',
  })
  expect(failureOf(await run('node order web1 nope -o json'))).toMatchObject({exitCode: 3})
  expect(failureOf(await run('node order web1 db1 web1 -o json'))).toMatchObject({
    exitCode: 2,
    message: 'web1 is named twice',
  })
})

test("a node's token is printed bare, out of one list", async () => {
  const {run, panel} = await panelOf()
  const before = panel.requests.length
  const {stdout} = await run('node token web1')
  expect(stdout).toMatch(/^\S{8,}\n$/)
  expect(panel.requests.slice(before).map(({path}) => path)).toEqual(['/api/admin/client/list'])
})

const hasCurl = spawnSync('curl', ['--version']).error === undefined

test.skipIf(!hasCurl)(
  "the line for a node's agent installs it where it is typed, and changes nothing before",
  async () => {
    const began = Date.now()
    const {panel, run, json} = await panelOf({now: () => began + (Date.now() - began) * 20})
    const cwd = temporaryFolder()
    await run('node add web9')
    const before = panel.requests.length
    const {stdout: line} = await run(
      `node install-command web9 --agent-flag interval=5 --workdir ${cwd}/agent`,
    )
    expect(line).toMatch(
      /^curl -fsSLo komari-install\.sh http:\S+ && SUDO_USER='' bash komari-install\.sh -e http:\S+ -t \S+ --interval 5 --install-dir \S+\n$/,
    )
    expect(
      paths(panel)
        .slice(before)
        .filter(path => /^POST (?!.*rpc2)/.test(path)),
    ).toEqual([])
    const {stdout} = await promisify(execFile)('bash', ['-c', line], {cwd})
    expect(stdout).toContain('is installed')
    await expect.poll(async () => (await json('node status web9'))[0]?.online).toBe(true)
  },
)

test.each([
  ['a sum is looked at before the script runs', `--script-sha256 ${'0'.repeat(64)}`, 0],
  ['a script that anybody can answer for', '--install-url http://192.0.2.1/install.sh', 2],
  ['a flag that the agent lacks', '--agent-flag bogus', 2],
  ['a folder that would be looked for from here', '--workdir agent', 2],
  ['an address that the script would take apart', "--endpoint 'http://a.example/$(id)'", 2],
])('install-command, %s', async (_, flags, exitCode) => {
  const {run} = await panelOf()
  const outcome = await run(`node install-command web1 ${flags}`)
  expect(outcome.exitCode).toBe(exitCode)
  if (exitCode === 0)
    expect(outcome.stdout).toMatch(/&& echo '0{64} {2}komari-install\.sh' \| sha256sum -c - && /)
  else expect(outcome.stdout).toBe('')
})

test('a token that a shell would take apart is in no line for one', async () => {
  const {run} = await panelOf()
  const {uuid} = JSON.parse((await run('node show web1 -o json')).stdout)
  await run(`rpc admin:editClient -f uuid=${uuid} -f token=a;reboot`)
  expect(failureOf(await run('node install-command web1 -o json'))).toMatchObject({exitCode: 5})
})

test('a test message that no sender takes is exit 5 in the words of the panel', async () => {
  const {run} = await panelOf()
  expect(failureOf(await run('notification test -o json'))).toMatchObject({
    exitCode: 5,
    message: expect.stringContaining('Failed to send message'),
    hint: 'what sends it: panelctl komari setting show',
  })
})

test('a test message that is sent is done, and it is said where no other will be', async () => {
  const {run} = await panelOf()
  await run(
    'rpc admin:setMessageSenderProvider \'{"name":"webhook","addition":"{\\"url\\":\\"http://192.0.2.1/\\",\\"method\\":\\"POST\\"}"}\'',
  )
  await run('rpc admin:editSettings \'{"notification_method":"webhook","notification_enabled":false}\'')
  expect(await run('notification test')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('notification_enabled is off'),
  })
  await run('rpc admin:editSettings \'{"notification_enabled":true}\'')
  expect(await run('notification test')).toMatchObject({exitCode: 0, stderr: 'the sender took the message\n'})
})

function weights({state}: Awaited<ReturnType<typeof komariSandbox>>) {
  return [...state.nodes.values()].map(({columns: {name, weight}}) => [name, weight])
}

// Up to 1.1.8 RPC2 has no methods for administrators, and 1.0.3 no RPC2.
test.each(['1.1', '1.0.3'] as const)('what %s has no method for is done over REST', async profile => {
  const {panel, run, json} = await panelOf({profile})
  expect((await json('session list')).length).toBeGreaterThan(0)
  expect(await json('log list --tail 2')).toBeInstanceOf(Array)
  expect(await json('notification list')).toHaveLength(panel.state.nodes.size)
  expect(await json('notification edit web1 --enable --grace-period 60')).toMatchObject({
    grace_period: 60,
    changed: true,
  })
  const made = await json('task create lan --type icmp --target 192.0.2.1 --node web1')
  expect(made).toMatchObject({name: 'lan', clients: ['web1'], changed: true})
  expect(await json('task edit lan --interval 30')).toMatchObject({interval: 30, target: '192.0.2.1'})
  await run('task delete lan --yes')
  expect((await json('task list')).map(({name}: {name: string}) => name)).not.toContain('lan')
  // It fails for an API key when it is done.
  expect(await run('node order db1 web1')).toMatchObject({exitCode: 0})
  expect(Object.fromEntries(weights(panel))).toMatchObject({db1: 0, web1: 1})
})

test.each([
  ['retention list', 'admin:listMetricDefinitions'],
  // Its route does not read the type (trap 56).
  ['log list --type login', 'admin:getLogs'],
])('what a version has neither method nor route for is exit 5, and named: %s', async (line, method) => {
  const {run} = await panelOf({profile: '1.1'})
  expect(failureOf(await run(`${line} -o json`))).toMatchObject({
    exitCode: 5,
    message: `this version of Komari cannot do this: it has no ${method}`,
  })
})

test('a list that leads to what can be no id is shown as the panel tells it', async () => {
  const {panel, run} = await panelOf()
  const task = {id: 1, name: 'odd', type: 'icmp', target: '192.0.2.1', interval: 60, clients: [0.5]}
  const change = () => ({jsonrpc: '2.0', id: 1, result: [task]})
  panel.faults.next({kind: 'wrong-types', change}, {path: '/api/rpc2', times: Infinity})
  expect(await run('task list')).toMatchObject({exitCode: 0, stdout: expect.stringContaining('[0.5]')})
})

test('a page in the place of a route says that the version lacks it', async () => {
  const {panel, run} = await panelOf({profile: '1.1'})
  const page = {kind: 'status', status: 200, body: '<!doctype html>', type: 'text/html'} as const
  panel.faults.next(page, {path: '/api/admin/ping/', times: Infinity})
  expect(failureOf(await run('task list -o json'))).toMatchObject({
    exitCode: 5,
    message: 'this version of Komari cannot do this: it has no admin:getAllPingTasks',
  })
})
