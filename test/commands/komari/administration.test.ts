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
  expect(await run(`session delete ${session.id} --yes`)).toMatchObject({exitCode: 0})
  expect(await json('session list')).toEqual(others)
  expect(failureOf(await run(`session delete ${session.id} --yes -o json`))).toMatchObject({
    exitCode: 3,
    reason: 'missing',
  })
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
})

test('nodes are put into the order that is typed', async () => {
  const {run, json} = await panelOf()
  expect(await json('node order db1 web1')).toMatchObject({order: ['db1', 'web1'], changed: true})
  const weights = (await json('node list')).map(({name, weight}: Record<string, unknown>) => [name, weight])
  expect(weights.slice(0, 2)).toEqual([
    ['db1', 0],
    ['web1', 1],
  ])
  expect(failureOf(await run('node order web1 nope -o json'))).toMatchObject({exitCode: 3})
  expect(failureOf(await run('node order web1 db1 web1 -o json'))).toMatchObject({
    exitCode: 2,
    message: 'web1 is named twice',
  })
})

test("a node's token is printed bare", async () => {
  const {run} = await panelOf()
  const {stdout} = await run('node token web1')
  expect(stdout).toMatch(/^\S{8,}\n$/)
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

test.each(['task list', 'notification list', 'retention list', 'session list', 'log list'])(
  'a version without the method is exit 5, and the method is named: %s',
  async line => {
    const {run} = await panelOf({profile: '1.1'})
    const failure = failureOf(await run(`${line} -o json`))
    expect(failure).toMatchObject({exitCode: 5})
    expect(failure.message).toMatch(/this version of Komari cannot do this: it has no admin:\w+$/)
  },
)
