import {execFile} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {promisify} from 'node:util'
import {describe, expect, test} from 'vitest'
import type {DashboardSandbox} from '../../emulated.js'
import {encrypted, tlsFixtures} from '../../process/serve.js'
import {replayServer} from '../../replay-server.js'
import {newerWorld, serveScript, unit, unitPath, type World} from './world.js'

const web1 = {name: ['web1'], tag: 'Production'}
const uuid = '11111111-2222-4333-8444-555555555555'

type Newer = Omit<World<DashboardSandbox>, 'registrations'>

const row = ({nezha}: Newer, id: number) => nezha.state.servers.get(id)
const groupsNamed = ({nezha}: Newer, name: string) =>
  [...nezha.state.groups.values()].filter(group => group.name === name)
/** All but the login, and the question whose the token is. */
const writes = ({nezha}: Newer) =>
  nezha.requests.filter(({method, path}) => method !== 'GET' && !/\/(login|mcp)$/.test(path))

/** A `config.yml` as the agent's `service install` writes it (contracts/nezha.md 2.3). */
function configOf(server: string, itsUuid: string): string {
  return `client_secret: none\ndebug: false\nreport_delay: 3\nserver: ${server}\ntls: false\nuuid: ${itsUuid}\n`
}

/** Puts an agent onto the machine, as a script has left it. */
function putAgent({workdir}: Newer, text: string, name = 'config.yml'): string {
  mkdirSync(join(workdir, 'agent'), {recursive: true, mode: 0o700})
  const path = join(workdir, 'agent', name)
  writeFileSync(path, text)
  return path
}

/** What the beginning of a script leaves: a configuration alone. */
const begun = `mkdir agent\nprintf 'server: %s\\nuuid: %s\\n' $NZ_SERVER $NZ_UUID >agent/config.yml\n`

/** What a system runs, in the place of the agent's program. */
const program = '#!/bin/sh\n'

/** A run that ended between a service and its start. */
async function leaveService(w: Newer): Promise<void> {
  serveScript(w, `#!/bin/sh\n${begun}exit 1\n`)
  await w.run(web1)
  w.put(unitPath, '[Service]\nExecStart=/opt/nezha/agent/nezha-agent "-c" "config.yml"\n')
}

const config = ({workdir}: Newer) => readFileSync(join(workdir, 'agent/config.yml'), 'utf8')

describe.each(['v2', 'v1'] as const)('Nezha %s', generation => {
  const dashboard = (options: object = {}) => newerWorld({generation, ...options})
  const addressOf = ({nezha}: Newer) => `127.0.0.1:${nezha.port}`

  test('the node comes online, named, noted, hidden and in a group that is made for it', async () => {
    const w = await dashboard()
    const more = {note: 'n', 'hide-for-guest': true, 'disable-command-execute': true}
    const {result, error, said} = await w.run({...web1, tag: 'new', ...more})
    expect(error).toBeUndefined()
    const done = {registered: true, installed: true, online: true, changed: true}
    expect(result).toEqual({name: 'web1', id: 6, tag: 'new', ...done})
    expect(row(w, 6)).toMatchObject({name: 'web1', note: 'n', hidden: true})
    expect(groupsNamed(w, 'new')).toMatchObject([{members: [6]}])
    expect(config(w)).toContain(`server: ${addressOf(w)}\nclient_secret: ${w.nezha.agentSecret}\n`)
    expect(config(w)).toContain(`uuid: ${row(w, 6)?.uuid}\ntls: false\ndisable_command_execute: true\n`)
    expect(w.saved()).toEqual([])
    const steps = [...said.matchAll(/^\[(\d)\/8\] (\w+)/gm)].map(([, number, step]) => `${number} ${step}`)
    expect(steps).toEqual(
      ['gather', 'preflight', 'once', 'register', 'download', 'run', 'verify', 'result'].map(
        (step, index) => `${index + 1} ${step}`,
      ),
    )
  })

  test('trap 30: a second run says that it is there, and neither writes nor runs anything', async () => {
    const w = await dashboard()
    await w.run(web1)
    const before = writes(w).length
    const {result, error, said} = await w.run(web1)
    expect(error).toBeUndefined()
    const done = {registered: false, installed: false, online: true, changed: false}
    expect(result).toEqual({name: 'web1', id: 6, tag: 'Production', ...done})
    expect(said).toContain('"web1" is already there')
    expect([writes(w).length - before, w.downloads()]).toEqual([0, 1])
  })

  test('without --tag no group is made or joined, by a second run in several groups neither', async () => {
    const w = await dashboard()
    const before = w.nezha.state.groups.size
    const name = ['web9']
    expect((await w.run({name})).result).toMatchObject({id: 6, tag: '', online: true})
    expect((await w.run({name, tag: ''})).result).toMatchObject({id: 6, changed: false})
    expect(w.nezha.state.groups.size).toBe(before)
    for (const group of ['One', 'Two']) w.nezha.state.addGroup(group, [6])
    expect((await w.run({name})).result).toMatchObject({id: 6, tag: 'One,Two', changed: false})
    expect(w.nezha.state.groups.size).toBe(before + 2)
  })

  test('a second run puts right what somebody has changed, and keeps what the group has', async () => {
    const w = await dashboard()
    await w.run(web1)
    const group = groupsNamed(w, 'Production')[0]
    w.nezha.state.update(6, {note: 'old', hidden: true})
    w.nezha.state.groups.set(group?.id ?? 0, {...group, members: [1, 2]} as never)
    const {result} = await w.run({...web1, note: 'new'})
    expect(result).toMatchObject({id: 6, installed: false, changed: true})
    expect(row(w, 6)).toMatchObject({note: 'new', hidden: true})
    expect(groupsNamed(w, 'Production')).toMatchObject([{members: [1, 2, 6]}])
  })

  test('its UUID is saved before anything is downloaded, and the next run goes on with it', async () => {
    const w = await dashboard()
    const {error} = await w.run({...web1, 'install-url': 'http://127.0.0.1:1/'})
    expect(error).toMatchObject({code: 'UNREACHABLE'})
    expect(error?.hint).toMatch(/the UUID of "web1" is saved: the same command goes on from there$/)
    const saved = JSON.parse(w.saved()[0] ?? '').secret
    expect(saved).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(w.saved().join()).not.toContain(w.nezha.agentSecret)
    expect((await w.run(web1)).result).toMatchObject({id: 6, registered: true, online: true})
    expect(row(w, 6)?.uuid).toBe(saved)
  })

  test('a node of that name that does not report goes on under its UUID, and keeps its history', async () => {
    const w = await dashboard()
    w.nezha.state.add({name: 'web1', uuid})
    w.nezha.state.addGroup('Old', [6])
    const {result, said} = await w.run(web1)
    expect(result).toMatchObject({id: 6, registered: false, online: true})
    expect(said).toContain('server 6, "web1", is in "Old", and --tag says "Production"')
    expect(config(w)).toContain(`uuid: ${uuid}\n`)
    expect(w.servers()).toEqual([6])
    expect((await w.run(web1)).said).not.toContain('--tag says')
  })

  test('it stops where a proxy passes no gRPC on, and names the proxy and no other port', async () => {
    const w = await dashboard()
    const {port} = await replayServer()
    const {error} = await w.run({...web1, 'probe-port': port})
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      message: `127.0.0.1:${port} answers as a web server, and agents report over gRPC`,
      hint: expect.stringMatching(/^let what stands before the dashboard pass gRPC on/),
    })
    expect(w.downloads()).toBe(0)
  })

  test('one that reports from elsewhere is not doubled: nothing is run', async () => {
    const w = await dashboard()
    w.nezha.state.report({secret: w.nezha.agentSecret, uuid})
    w.nezha.state.update(6, {name: 'web1'})
    const {error} = await w.run(web1)
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toBe('"web1" is online already: server 6, and no agent is installed here')
    expect(error?.hint).toContain('if that was this machine until a moment ago, run it again in a minute')
    expect(w.downloads()).toBe(0)
  })

  test.each(['another dashboard', 'another node of this one', 'a v0 dashboard', 'nobody knows whom'])(
    'trap 51: an agent of %s is here: exit 5, untouched',
    async whose => {
      const w = await dashboard()
      w.nezha.state.add({name: 'web1', uuid: 'aaaaaaaa-2222-4333-8444-555555555555'})
      const path =
        whose === 'another dashboard'
          ? putAgent(w, configOf('elsewhere.example:443', uuid))
          : whose === 'another node of this one'
            ? putAgent(w, configOf(addressOf(w), uuid), 'config-abcde.yml')
            : undefined
      if (whose === 'a v0 dashboard') w.put(unitPath, unit('old.example:5555', 'abc'))
      if (whose === 'nobody knows whom') w.put('opt/nezha/agent/nezha-agent', '')
      const before = path === undefined ? '' : readFileSync(path, 'utf8')
      const {error} = await w.run(web1)
      expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
      expect(error?.message).toContain('nothing was registered and nothing run')
      expect(error?.hint).toContain('to replace it, first: ')
      expect([w.downloads(), writes(w), w.saved()]).toEqual([0, [], []])
      if (path !== undefined) expect(readFileSync(path, 'utf8')).toBe(before)
    },
  )

  test('an agent that is here and whose name was lost with the state folder is named; one that somebody named is not', async () => {
    const w = await dashboard()
    const {nezha} = w
    const path = putAgent(w, configOf(addressOf(w), uuid))
    nezha.state.report({secret: nezha.agentSecret, uuid})
    const made = row(w, 6)?.name ?? ''
    for (const [changes, name] of [
      [{note: 'rack 4'}, made],
      [{note: '', displayIndex: 1}, made],
      [{displayIndex: 0, name: 'Web 2'}, "'Web 2'"],
    ] as const) {
      nezha.state.update(6, changes)
      const {error} = await w.run(web1)
      expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
      expect(error?.message).toContain(`(${path}), which reports as server 6, "${row(w, 6)?.name}": nothing`)
      expect(error?.hint).toMatch(new RegExp(`^to take it as it is: --name ${name}; to replace it, first: `))
    }
    expect(writes(w)).toEqual([])
    nezha.state.update(6, {name: made})
    const {result, said} = await w.run(web1)
    expect(result).toMatchObject({id: 6, registered: false, installed: false, online: true, changed: true})
    expect(said).toContain(`reports as server 6, "${made}", which nobody has named`)
    expect(row(w, 6)?.name).toBe('web1')
    expect(groupsNamed(w, 'Production')[0]?.members).toContain(6)
    expect((await w.run(web1)).result).toMatchObject({id: 6, changed: false})
    expect([w.downloads(), w.saved()]).toEqual([0, []])
  })

  test('one that does not report, or is of another panel, is not named', async () => {
    const w = await dashboard()
    const {nezha} = w
    nezha.state.add({name: 'brave-otter', uuid})
    putAgent(w, configOf(addressOf(w), uuid))
    expect((await w.run({...web1, wait: 50})).error?.message).toContain('and "web1" does not report')
    putAgent(w, configOf('elsewhere.example:443', uuid))
    expect((await w.run(web1)).error?.message).toContain('which reports to elsewhere.example:443')
    expect([row(w, 6)?.name, writes(w), w.downloads()]).toEqual(['brave-otter', [], 0])
  })

  test('trap 51: what a script left that ended between configuration and service is repaired: one agent, one node', async () => {
    const w = await dashboard()
    serveScript(w, `#!/bin/sh\n${begun}kill -9 $$\n`)
    expect((await w.run(web1)).error).toMatchObject({code: 'REJECTED', exitCode: 5})
    const saved = JSON.parse(w.saved()[0] ?? '').secret
    const {result, error} = await w.run({...web1, wait: 500})
    expect(error).toBeUndefined()
    expect(result).toMatchObject({id: 6, registered: true, installed: true, online: true})
    expect(readdirSync(join(w.workdir, 'agent')).toSorted()).toEqual(['config.yml', 'nezha-agent'])
    expect([row(w, 6)?.uuid, w.servers(), w.downloads()]).toEqual([saved, [6], 2])
  })

  test('trap 51: a service that was written and never started is started; one that does not start is told at once', async () => {
    const w = await dashboard()
    await leaveService(w)
    w.put('opt/nezha/agent/nezha-agent', program)
    w.systemctl('is-active')
    const silent = await w.run({...web1, wait: 50})
    expect(silent.error).toMatchObject({code: 'WAIT_TIMEOUT', exitCode: 8})
    expect(silent.result).toMatchObject({installed: false, online: false, changed: true})
    expect(silent.said).toContain(
      'its service is not at work: systemctl daemon-reload && systemctl enable --now nezha-agent',
    )
    expect(w.systemctl('daemon-reload')).toEqual([
      'is-active --quiet nezha-agent',
      'daemon-reload',
      'enable --now nezha-agent',
    ])
    const {error} = await w.run({...web1, wait: 60_000})
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toContain('and its service does not start')
    expect(error?.hint).toContain('systemctl status nezha-agent')
    expect(w.downloads()).toBe(1)
  })

  test('a script that says success and starts nothing: its service is started, or it is told at once that it does not', async () => {
    const w = await dashboard()
    const path = join(w.machine.root, unitPath)
    serveScript(
      w,
      `#!/bin/sh\nmkdir -p agent ${dirname(path)}\nprintf 'server: %s\\nuuid: %s\\n' $NZ_SERVER $NZ_UUID >agent/config.yml\n: >${path}\n`,
    )
    w.systemctl('is-active')
    w.systemctl('enable')
    const {error} = await w.run({...web1, wait: 60_000})
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toMatch(/and its service does not start: ".*" ended with exit code 1$/)
    expect(error?.hint).toContain('the same command goes on from there')
  })

  test('trap 51: a service whose program is not there is removed with its configuration, and installed anew', async () => {
    const w = await dashboard()
    await leaveService(w)
    const {result, error} = await w.run(web1)
    expect(error).toBeUndefined()
    expect(result).toMatchObject({id: 6, installed: true, online: true})
    expect(w.systemctl()).toEqual(['disable --now nezha-agent'])
    expect(existsSync(join(w.machine.root, unitPath))).toBe(false)
    expect(readdirSync(join(w.workdir, 'agent')).toSorted()).toEqual(['config.yml', 'nezha-agent'])
  })

  test('a script that fails: exit 5 with its exit code', async () => {
    const w = await dashboard()
    serveScript(w, '#!/bin/sh\necho "secret $NZ_CLIENT_SECRET"\nexit 3\n')
    const {error, said, result} = await w.run(web1)
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toBe('the install script ended with exit code 3; the panel has no "web1" yet')
    expect(error?.hint).toContain('Its UUID is saved: the same command goes on from there')
    const nothing = {registered: false, installed: false, online: false, changed: false}
    expect(result).toEqual({name: 'web1', id: null, tag: 'Production', ...nothing})
    const shown = `NZ_SERVER=${addressOf(w)} NZ_TLS=false NZ_CLIENT_SECRET=********`
    expect(said).toContain(`Run command: ${shown} NZ_UUID=${JSON.parse(w.saved()[0] ?? '').secret} ./nezha`)
    expect(said).toContain('  secret ********')
    expect(said).not.toContain(w.nezha.agentSecret)
    // The next run is the one that brings the node to the panel.
    const next = await w.run(web1)
    expect(next.said).toMatch(
      / an earlier run saved its UUID\n.* the server appears with the first report, as /,
    )
    expect(next.result).toMatchObject({id: 6, registered: true, installed: true, online: true})
  })

  test('an agent that never reports: exit 8, naming where it should', async () => {
    const w = await dashboard()
    serveScript(
      w,
      `#!/bin/sh\nmkdir agent\nprintf 'server: %s\\nuuid: %s\\n' $NZ_SERVER $NZ_UUID >agent/config.yml\n`,
    )
    const {error, result} = await w.run({...web1, wait: 50})
    expect(error).toMatchObject({code: 'WAIT_TIMEOUT', exitCode: 8})
    expect(error?.hint).toContain(
      `can it reach ${addressOf(w)} without TLS, and has it the secret of the account? `,
    )
    expect(error?.message).toBe('the agent of "web1" is installed, but it did not report within 0 s')
    expect(result).toMatchObject({id: null, registered: false, installed: true, online: false})
    w.put(unitPath, '[Service]\nExecStart=/opt/nezha/agent/nezha-agent "-c" "config.yml"\n')
    w.put('opt/nezha/agent/nezha-agent', program)
    const unwaited = await w.run({...web1, 'no-wait': true})
    expect(unwaited.error).toBeUndefined()
    expect(unwaited.said).toContain('"web1" appears on the panel with its first report')
    expect(unwaited.result).toMatchObject({
      registered: false,
      installed: false,
      online: false,
      changed: false,
    })
    // It is ours, and no second one is put beside it.
    w.nezha.state.report({secret: w.nezha.agentSecret, uuid: JSON.parse(w.saved()[0] ?? '').secret})
    expect((await w.run(web1)).result).toMatchObject({id: 6, installed: false, online: true})
    expect([row(w, 6)?.name, w.downloads()]).toEqual(['web1', 1])
  })

  test('a secret that is given: the right one is taken, a wrong one is refused before anything is run', async () => {
    const w = await dashboard()
    const file = join(w.stateDir, '../secret')
    writeFileSync(file, 'anotherSecretOfNobody00000000001\n')
    for (const [flags, env] of [
      [{'secret-file': file}, {}],
      [{}, {NEZHA_AGENT_SECRET_FILE: file}],
    ] as const) {
      const {error} = await w.run({...web1, ...flags}, {env})
      expect(error).toMatchObject({code: 'AUTH', exitCode: 4})
      expect(error?.message).toContain('no account whose agents have the secret')
    }
    expect([w.downloads(), w.saved()]).toEqual([0, []])
    writeFileSync(file, `${w.nezha.agentSecret}\n`)
    expect((await w.run({...web1, 'secret-file': file})).result).toMatchObject({id: 6, online: true})
  })

  test('--emit: one UUID a host; the text run twice is one node, which the same command names then', async () => {
    const w = await dashboard()
    const hosts = {name: ['web1', 'web2'], tag: 'Production', emit: 'shell' as const}
    const {emitted, error} = await w.run(hosts)
    expect(error).toBeUndefined()
    const uuids = emitted?.nodes.map(node => node.uuid) ?? []
    expect(new Set(uuids).size).toBe(2)
    expect(emitted?.nodes).toMatchObject([
      {name: 'web1', id: null, registered: false, secret: w.nezha.agentSecret},
      {name: 'web2', id: null, secret: w.nezha.agentSecret},
    ])
    expect((await w.run(hosts)).emitted?.content).toBe(emitted?.content)
    const env = {PATH: process.env.PATH, NODE_NAME: 'web2'}
    const machine = () => promisify(execFile)('sh', ['-c', emitted?.content ?? ''], {env})
    await machine()
    expect((await machine()).stdout).toContain('already installed')
    expect(readdirSync(join(w.workdir, 'agent')).toSorted()).toEqual(['config.yml', 'nezha-agent'])
    const again = await w.run(hosts)
    expect(again.emitted?.nodes).toMatchObject([{name: 'web1', uuid: uuids[0]}])
    expect(row(w, 6)).toMatchObject({name: 'web2', uuid: uuids[1]})
    expect(groupsNamed(w, 'Production')[0]?.members).toContain(6)
  })

  test('--dry-run prints what would be run, and writes nothing', async () => {
    const w = await dashboard()
    const {plan} = await w.run({...web1, 'dry-run': true}).catch(plan => plan)
    expect(plan).toEqual({
      script: `${w.nezha.installer.url}/install.sh`,
      workdir: w.workdir,
      command: `NZ_SERVER=${addressOf(w)} NZ_TLS=false NZ_CLIENT_SECRET=******** NZ_UUID=******** ./nezha-agent.sh`,
    })
    expect([writes(w), w.downloads(), w.saved()]).toEqual([[], 0, []])
  })
})

test('the dashboard says where agents report, and flags win', async () => {
  const w = await newerWorld({generation: 'v1'})
  const command = async (flags: object, env: object = {}) =>
    (await w.run({...web1, 'dry-run': true, ...flags}, {env}).catch(plan => plan)).plan.command
  w.nezha.state.settings = {...w.nezha.state.settings, install_host: `localhost:${w.nezha.port}`, tls: false}
  expect(await command({})).toContain(`NZ_SERVER=localhost:${w.nezha.port} NZ_TLS=false `)
  expect(await command({'probe-address': '127.0.0.1'})).toContain(
    `NZ_SERVER=127.0.0.1:${w.nezha.port} NZ_TLS=false `,
  )
  const far = {'skip-preflight': true, 'probe-address': 'agents.example'}
  expect(await command({...far, 'probe-port': 443})).toContain('NZ_SERVER=agents.example:443 NZ_TLS=true ')
  expect(await command({...far, tls: true})).toContain(`:${w.nezha.port} NZ_TLS=true `)
  expect(await command({...far, 'agent-flag': ['disable-auto-update', 'skip-conn'], mirror: 'cn'})).toContain(
    ' NZ_DISABLE_AUTO_UPDATE=true NZ_SKIP_CONNECTION_COUNT=true CN=true ./nezha-agent.sh',
  )
  expect((await w.run({...web1, 'agent-flag': ['report-delay=2']})).error).toMatchObject({code: 'USAGE'})
  const tls = await w.run({...web1, tls: true})
  expect(tls.error).toMatchObject({code: 'UNREACHABLE', hint: expect.stringContaining('--no-tls')})
  expect([w.downloads(), w.saved()]).toEqual([0, []])
})

test('TLS that offers no HTTP/2, which agents want, is found before anything is run', async () => {
  const w = await newerWorld()
  const behind = async (ALPNProtocols?: string[]) => {
    const port = await encrypted(w.nezha.port, ALPNProtocols && {ALPNProtocols})
    const flags = {...web1, 'probe-address': 'localhost', 'probe-port': port, tls: true, 'dry-run': true}
    return w.run(flags, {env: {PANELCTL_CA_FILE: tlsFixtures.caFile}}).catch(({plan}) => plan)
  }
  for (const protocols of [undefined, ['http/1.1']]) {
    const {error} = await behind(protocols)
    expect(error).toMatchObject({code: 'UNREACHABLE', hint: expect.stringContaining('switch HTTP/2 on')})
  }
  expect((await behind(['h2'])).command).toMatch(/^NZ_SERVER=localhost:\d+ NZ_TLS=true /)
})

test('trap 50: a dashboard that the newest agent cannot talk to is refused before anything is run', async () => {
  const w = await newerWorld({generation: 'v1', profile: '1.0.0'})
  for (const env of [{}, {NEZHA_AGENT_SECRET: w.nezha.agentSecret}]) {
    const {error} = await w.run(web1, {env})
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toContain('a dashboard before v1.4 does not understand it')
  }
  expect([w.downloads(), writes(w), w.saved()]).toEqual([0, [], []])
  const ok = await newerWorld({generation: 'v1', profile: '1.4.0'})
  expect((await ok.run(web1)).result).toMatchObject({id: 6, online: true})
})

test('trap 43: an API token that may not tell the secret is told what to give instead', async () => {
  const w = await newerWorld()
  const scopes = ['nezha:inventory:read', 'nezha:server:write']
  const [user] = w.nezha.state.users.values()
  if (!user) throw new Error('no account')
  const {token} = w.nezha.state.addPat({name: 'few', scopes, user})
  const env = {NEZHA_TOKEN: token}
  const {error} = await w.run(web1, {env})
  expect(error).toMatchObject({code: 'AUTH', hint: expect.stringContaining('NEZHA_AGENT_SECRET')})
  const given = await w.run(web1, {env: {...env, NEZHA_AGENT_SECRET: w.nezha.agentSecret}})
  expect(given.result).toMatchObject({id: 6, tag: 'Production', online: true})
})

test('of several accounts the one is taken that the API token is of, where MCP tells it; else it is said what to give', async () => {
  const w = await newerWorld({mcp: true})
  const other = w.nezha.state.addUser({username: 'second', password: 'second-1', role: 0})
  const {token} = w.nezha.state.addPat({name: 'second', scopes: ['nezha:*'], user: other})
  const env = {NEZHA_TOKEN: token}
  expect((await w.run(web1, {env})).result).toMatchObject({id: 6, online: true})
  expect(config(w)).toContain(`client_secret: ${other.agentSecret}\n`)
  w.nezha.state.settings = {...w.nezha.state.settings, enable_mcp: false}
  const {error} = await w.run({name: ['web2']}, {env})
  expect(error).toMatchObject({
    code: 'REJECTED',
    message: 'there are 2 accounts, and where MCP is switched off an API token does not tell whose it is',
    hint: expect.stringMatching(/^panelctl nezha api GET \/api\/v1\/user has the .*NEZHA_AGENT_SECRET/),
  })
  expect(w.saved()).toEqual([])
  const given = {...env, NEZHA_AGENT_SECRET: other.agentSecret}
  expect((await w.run({name: ['web2'], emit: 'shell'}, {env: given})).emitted?.content).toContain(
    other.agentSecret,
  )
})

test('an API token that the dashboard refuses is told how to make another, and nothing of agents', async () => {
  const w = await newerWorld()
  const {error} = await w.run(web1, {env: {NEZHA_TOKEN: 'nzp_ofAnotherDashboard0000000000000001'}})
  expect(error).toMatchObject({code: 'AUTH', hint: expect.stringContaining('make an API token')})
  expect(error?.hint).not.toContain('NEZHA_AGENT_SECRET')
})

test('trap 54: an address that is blocked for a wrong secret is told as such, and the UUID stays saved', async () => {
  const w = await newerWorld({now: Date.now})
  w.nezha.state.settings = {...w.nezha.state.settings, web_real_ip_header: 'NZ::Use-Peer-IP'}
  const wrong = {NEZHA_AGENT_SECRET: 'anotherSecretOfNobody00000000001'}
  const {error} = await w.run({...web1, 'skip-preflight': true}, {env: wrong})
  expect(error).toMatchObject({code: 'AUTH', exitCode: 4})
  expect(error?.message).toContain('the firewall of Nezha')
  expect(w.saved()).toHaveLength(1)
})

test('machines that join a group at once are all in it', async () => {
  const w = await newerWorld()
  w.nezha.state.addGroup('Production', [1])
  const {nezha} = w
  for (const name of ['web1', 'web2', 'web3']) await w.run({name: [name], emit: 'shell'})
  for (const text of w.saved()) nezha.state.report({secret: nezha.agentSecret, uuid: JSON.parse(text).secret})
  const runs = ['web1', 'web2', 'web3'].map(name => w.run({...web1, name: [name], emit: 'shell'}))
  expect((await Promise.all(runs)).map(({error}) => error)).toEqual([undefined, undefined, undefined])
  expect(new Set(groupsNamed(w, 'Production')[0]?.members)).toEqual(new Set([1, 2, 6, 7, 8]))
})
