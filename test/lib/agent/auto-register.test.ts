import {execFileSync, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {describe, expect, onTestFinished, test} from 'vitest'
import {machineFor, type NezhaHost} from '../../../src/lib/sandbox/nezha/agent.js'
import type {NezhaServer} from '../../../src/lib/sandbox/nezha/fleet.js'
import {serve} from '../../process/serve.js'
import {serveScript, unit, unitPath, world} from './world.js'

const web1 = {name: ['web1']}

/** What the agent of a server says of its machine. */
function hostOf(server: NezhaServer | undefined): NezhaHost {
  if (server?.agent.kind !== 'machine') throw new Error('no agent')
  return server.agent.machine.host
}

/** A reverse proxy whose own clock gives the answers their Date; its address. */
async function proxyWithClock(panel: string, hoursAhead: number): Promise<string> {
  const {url} = await serve(async (request, response) => {
    const {url, method = '', headers} = request
    const {authorization = ''} = headers
    const body = method === 'GET' ? undefined : await text(request)
    const answer = await fetch(panel + url, {method, headers: {authorization}, body})
    const date = Date.parse(answer.headers.get('date') ?? '') + hoursAhead * 3_600_000
    const type = answer.headers.get('content-type') ?? ''
    response.writeHead(answer.status, {date: new Date(date).toUTCString(), 'content-type': type})
    response.end(await answer.text())
  })
  return url
}

describe('on a fresh machine', () => {
  test('the node is registered, its agent installed, and it comes online', async () => {
    const {run, servers, workdir, saved} = await world()
    const {result, error, said} = await run({...web1, tag: 'Production', note: 'n'})
    expect(error).toBeUndefined()
    expect(result).toEqual({
      name: 'web1',
      id: 6,
      tag: 'Production',
      registered: true,
      installed: true,
      online: true,
      changed: true,
    })
    expect(servers()).toEqual([6])
    const steps = [...said.matchAll(/^\[(\d)\/8\] (\w+)/gm)].map(([, number, step]) => `${number} ${step}`)
    expect(steps).toEqual([
      '1 gather',
      '2 preflight',
      '3 once',
      '4 register',
      '5 download',
      '6 run',
      '7 verify',
      '8 result',
    ])
    expect(saved()).toEqual([])
    expect(readdirSync(workdir)).toEqual(['agent'])
    expect(statSync(workdir).mode & 0o777).toBe(0o700)
  })

  test.each([-5, 5])(
    'also behind a proxy whose clock is wrong by %i hours, and a second run sees it',
    async hours => {
      const {run, nezha} = await world()
      const env = {NEZHA_DASHBOARD_URL: await proxyWithClock(nezha.url, hours)}
      expect((await run(web1, {env})).result).toMatchObject({installed: true, online: true})
      expect(await run(web1, {env})).toMatchObject({
        error: undefined,
        result: {registered: false, installed: false, online: true},
      })
    },
  )

  test('a second run says that it is there, and neither registers nor runs anything', async () => {
    const {run, servers, registrations, downloads} = await world()
    await run(web1)
    const {result, error, said} = await run(web1)
    expect(error).toBeUndefined()
    expect(result).toEqual({
      name: 'web1',
      id: 6,
      tag: 'AutoRegister',
      registered: false,
      installed: false,
      online: true,
      changed: false,
    })
    expect(said).toContain('"web1" is already there')
    expect([servers(), registrations(), downloads()]).toEqual([[6], 1, 1])
  })

  test('it is called as the host is, unless NODE_NAME or --name says otherwise', async () => {
    const {run} = await world()
    const skip = {'dry-run': true}
    const nameOf = async (flags: object, env: object) =>
      (await run({...skip, ...flags}, {env}).catch(plan => plan)).plan.body.Name
    expect(await nameOf({}, {})).toBe('host1')
    expect(await nameOf({}, {NODE_NAME: ''})).toBe('host1')
    expect(await nameOf({}, {NODE_NAME: 'env1'})).toBe('env1')
    expect(await nameOf({name: ['flag1']}, {NODE_NAME: 'env1'})).toBe('flag1')
  })

  test.each([
    `it's "web 1" $(reboot) \`reboot\` ; reboot && 节点\n\\ %s {{ 7*7 }}`,
    '-rf',
    ' ',
    '香港'.repeat(500),
  ])('a name is registered as it is, and executes nothing: %j', async name => {
    const {run, servers, workdir} = await world()
    const {result, error} = await run({name: [name]})
    expect(error).toBeUndefined()
    expect(result).toMatchObject({name, online: true})
    expect(servers(name)).toEqual([6])
    expect(readdirSync(workdir)).toEqual(['agent'])
    expect((await run({name: [name]})).result).toMatchObject({id: 6, registered: false})
  })

  test('one of that name under another tag is another, and that is said', async () => {
    const {run, nezha, servers} = await world()
    const other = nezha.state.add({name: 'web1', tag: "it's old"})
    const note = `server ${other.id}, "web1" under the tag "it's old", is another: --tag 'it'\\''s old' would mean it`
    const {plan} = await run({...web1, 'dry-run': true}).catch(stopped => stopped)
    expect(plan).toMatchObject({method: 'POST', body: {Name: 'web1'}})
    const {result, said} = await run(web1)
    expect(result).toMatchObject({id: 7, tag: 'AutoRegister', registered: true, online: true})
    expect(said).toContain(note)
    expect(servers()).toEqual([6, 7])
    expect((await run({...web1, tag: "it's old", 'if-exists': 'skip'})).said).not.toContain('is another')
  })

  test('--no-wait ends before it reports, and the next run sees that', async () => {
    const {run, saved, registrations} = await world({now: () => Date.UTC(2026, 0, 1)})
    const {result, error} = await run({...web1, 'no-wait': true})
    expect(error).toBeUndefined()
    expect(result).toMatchObject({id: 6, registered: true, installed: true, online: false})
    expect(saved()).toHaveLength(1)
    const next = await run({...web1, wait: 50})
    expect(next.error).toMatchObject({code: 'WAIT_TIMEOUT'})
    expect(next.result).toMatchObject({id: 6, registered: false, online: false})
    expect([registrations(), saved().length]).toEqual([1, 1])
  })

  test('the script sees neither our token nor a terminal, and CN with --mirror cn', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\nenv >env.txt\n[ -t 0 ] && echo terminal >stdin.txt\ncat >>stdin.txt\nexit 1\n')
    await w.run({...web1, mirror: 'cn', 'agent-flag': ['report-delay=2']}, {env: {KEPT: '1'}})
    const env = readFileSync(join(w.workdir, 'env.txt'), 'utf8')
    expect(env).toMatch(/^CN=true$/m)
    expect(env).toMatch(/^KEPT=1$/m)
    expect(env).not.toMatch(/NEZHA_|PANELCTL_/)
    expect(readFileSync(join(w.workdir, 'stdin.txt'), 'utf8')).toBe('')
  })
})

describe('before anything is registered', () => {
  test('it stops where there is no token', async () => {
    const {run, nezha} = await world()
    const {error} = await run(web1, {env: {NEZHA_TOKEN: undefined}})
    expect(error).toMatchObject({code: 'AUTH', hint: expect.stringContaining('make an API token')})
    expect(nezha.requests).toEqual([])
  })

  test('it stops where the token is wrong', async () => {
    const {run, registrations} = await world()
    expect((await run(web1, {env: {NEZHA_TOKEN: 'wrong'}})).error).toMatchObject({code: 'AUTH'})
    expect(registrations()).toBe(0)
  })

  test.each([
    ['NEZHA_PROBE_ADDRESS', 'where shall the agent report to?'],
    ['NEZHA_DASHBOARD_URL', 'no nezha panel to talk to'],
  ])('it stops where %s is missing', async (name, message) => {
    const {run, nezha} = await world()
    expect((await run(web1, {env: {[name]: undefined}})).error).toMatchObject({code: 'USAGE', message})
    expect(nezha.requests).toEqual([])
  })

  test('it stops where nobody listens for agents', async () => {
    const {run, registrations} = await world()
    const {error} = await run({...web1, 'probe-port': 1})
    expect(error).toMatchObject({code: 'UNREACHABLE'})
    expect(error?.message).toBe(
      'agents cannot report to 127.0.0.1:1: nothing listens there (connection refused)',
    )
    expect(registrations()).toBe(0)
  })

  test('it stops where the port is a web port', async () => {
    const {run, nezha, registrations} = await world()
    const {error} = await run({...web1, 'probe-port': nezha.port})
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      message: `127.0.0.1:${nezha.port} answers as a web server, and agents report over gRPC`,
      hint: 'the dashboard has another port for agents, usually 5555: --probe-port',
    })
    expect(registrations()).toBe(0)
  })

  test('it stops where a TLS proxy takes no agent without TLS', async () => {
    const {run, registrations} = await world()
    // What stunnel does with what is no TLS.
    const proxy = createServer(socket => socket.once('data', () => socket.resetAndDestroy()))
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    onTestFinished(() => {
      proxy.close()
    })
    const {port} = proxy.address() as AddressInfo
    const {error} = await run({...web1, 'probe-port': port})
    expect(error).toMatchObject({code: 'UNREACHABLE', hint: expect.stringContaining('leave out --no-tls')})
    expect(registrations()).toBe(0)
  })

  test('it stops where the user is not root and there is no sudo', async () => {
    const {run, registrations, stateDir} = await world()
    // Whoever owns the folders: the tests may run as root.
    const machine = {path: stateDir, userId: process.geteuid?.() || undefined}
    const {error} = await run({...web1, 'install-url': 'https://example.invalid/i.sh'}, {machine})
    expect(error).toMatchObject({
      code: 'USAGE',
      message: 'installing an agent needs root, and there is no sudo',
    })
    expect(registrations()).toBe(0)
  })

  test('it stops where a tool is missing that nothing can install', async () => {
    const {run, registrations, stateDir} = await world()
    const {error} = await run(
      {...web1, 'install-url': 'https://example.invalid/i.sh'},
      {machine: {path: stateDir, userId: 0}},
    )
    expect(error?.code).toBe('USAGE')
    if (process.geteuid?.() === 0) expect(error?.message).toContain('needs curl, wget, unzip')
    expect(registrations()).toBe(0)
  })

  test('--skip-preflight goes on all the same', async () => {
    const {run, servers} = await world()
    const {error} = await run({...web1, 'probe-port': 1, 'skip-preflight': true, wait: 100})
    expect(error).toMatchObject({code: 'WAIT_TIMEOUT'})
    expect(servers()).toEqual([6])
  })

  test('--dry-run asks the panel, sends no write and makes no file', async () => {
    const {run, nezha, workdir, stateDir, registrations} = await world()
    const {plan} = await run({...web1, tag: 'a', 'dry-run': true}).catch(stopped => stopped)
    expect(plan).toEqual({
      method: 'POST',
      url: `${nezha.url}/api/v1/server/register`,
      headers: expect.objectContaining({authorization: '********'}),
      body: {Name: 'web1', Tag: 'a'},
      script: `${nezha.installer.url}/install.sh`,
      workdir,
      command: `./nezha.sh install_agent 127.0.0.1 ${nezha.probe.port} ********`,
    })
    expect([registrations(), existsSync(workdir), existsSync(stateDir)]).toEqual([0, false, false])
  })
})

describe('an agent that is installed already', () => {
  const others = 'nothing was registered and nothing run'

  test('of another dashboard: nothing happens', async () => {
    const {run, put, nezha, registrations, downloads} = await world()
    put(unitPath, unit('other.example.com:5555', 'x'))
    const {error} = await run(web1)
    expect(error).toMatchObject({code: 'REJECTED'})
    expect(error?.message).toContain('which reports to other.example.com:5555')
    expect(error?.message).toContain(others)
    expect([registrations(), downloads(), nezha.state.servers.size]).toEqual([0, 0, 5])
  })

  test('of this dashboard under another name: nothing happens', async () => {
    const {run, put, nezha, registrations} = await world()
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, 'x'))
    expect((await run(web1)).error?.message).toContain('and no "web1" (AutoRegister) is on the panel')
    expect(registrations()).toBe(0)
  })

  test('of this very node, reporting: it is there, and nothing happens', async () => {
    const {run, put, nezha, registrations, downloads} = await world()
    // Another machine of that name; the one that runs the flow is told below.
    nezha.state.report(nezha.state.add({name: 'web1', tag: 'AutoRegister'}).secret)
    const {secret} = nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    const {BootTime, MemTotal} = hostOf(nezha.state.report(secret))
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, secret))
    const {result, said} = await run(web1, {
      machine: {startedAt: BootTime + 2.5, memory: Number(MemTotal)},
    })
    expect(result).toMatchObject({id: 7, registered: false, installed: false, online: true})
    expect(said).toContain('already there')
    expect([registrations(), downloads()]).toEqual([0, 0])
  })

  test.each([
    ['of another memory', (host: NezhaHost) => ({startedAt: host.BootTime, memory: 2 ** 20})],
    [
      'started at another time',
      (host: NezhaHost) => ({startedAt: host.BootTime - 3600, memory: Number(host.MemTotal)}),
    ],
  ])('with a secret that nobody knows, while a machine %s reports under this name', async (_, machine) => {
    const {run, put, nezha, registrations, downloads, saved} = await world()
    const host = hostOf(nezha.state.report(nezha.state.add({name: 'web1', tag: 'AutoRegister'}).secret))
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, 'unknown-secret'))
    const {error, result} = await run(web1, {machine: machine(host)})
    expect(result).toBeUndefined()
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toContain(
      'and nothing shows that it is "web1" (AutoRegister): by what agents tell of their machines, this one is no server of the panel',
    )
    // Nor is that secret taken for the node's by the next run.
    expect((await run(web1, {machine: machine(host)})).error).toMatchObject({exitCode: 5})
    expect([registrations(), downloads(), saved()]).toEqual([0, 0, []])
  })

  test('with a secret that nobody knows, where several servers or one of another name may be this machine', async () => {
    const {run, put, nezha} = await world()
    const {secret} = nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    const server = nezha.state.report(secret)
    const twin = nezha.state.add({name: 'web2'}).id
    if (server?.agent.kind !== 'machine') throw new Error('no agent')
    nezha.state.connect(twin, server.agent.machine)
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, 'unknown-secret'))
    const {BootTime, MemTotal} = hostOf(server)
    const machine = {startedAt: BootTime, memory: Number(MemTotal)}
    const {error} = await run(web1, {machine})
    expect(error).toMatchObject({code: 'REJECTED'})
    expect(error?.message).toMatch(/this one is server 6 or 7: nothing was registered/)
    nezha.state.connect(6, machineFor(9, Date.now()))
    expect((await run(web1, {machine})).error?.message).toMatch(
      /this one is server 7: nothing was registered/,
    )
  })

  test('whose secret nobody vouches for: that secret is not kept as the node’s', async () => {
    const {run, put, nezha} = await world()
    const host = hostOf(nezha.state.report(nezha.state.add({name: 'web1', tag: 'AutoRegister'}).secret))
    const machine = {startedAt: host.BootTime, memory: Number(host.MemTotal)}
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, 'unknown-secret'))
    expect((await run(web1, {machine})).result).toMatchObject({id: 6, online: true})
    expect((await run(web1)).error).toMatchObject({code: 'REJECTED'})
  })

  test('is looked for among servers whose details cannot all be read (trap 39)', async () => {
    const {run, put, nezha} = await world()
    const host = hostOf(nezha.state.report(nezha.state.add({name: 'web1', tag: 'AutoRegister'}).secret))
    const broken = nezha.state.add({name: 'web2', tag: 'AutoRegister'}).id
    nezha.state.connect(broken, {...machineFor(9, Date.now()), fixed: {CPU: Number.NaN}})
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, 'unknown-secret'))
    const machine = {startedAt: host.BootTime, memory: Number(host.MemTotal)}
    expect((await run(web1, {machine})).result).toMatchObject({id: 6, online: true})
  })

  test.each([
    ['fail', 'is on the panel already: server 6'],
    ['create', 'and --if-exists create is for another server'],
  ] as const)(
    'of this very node, with --if-exists %s: nothing happens, and it is no success',
    async (ifExists, why) => {
      const {run, registrations, downloads} = await world()
      await run(web1)
      const {error, result} = await run({...web1, 'if-exists': ifExists})
      expect(result).toBeUndefined()
      expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
      expect(error?.message).toContain(why)
      expect([registrations(), downloads()]).toEqual([1, 1])
    },
  )

  test('is left alone with --if-exists skip, whatever it is', async () => {
    const {run, put, nezha} = await world()
    nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    put(unitPath, unit('other.example.com:5555', 'x'))
    const {result} = await run({...web1, 'if-exists': 'skip'})
    expect(result).toMatchObject({id: 6, registered: false, installed: false, online: false})
  })

  test.each([
    ['unit and program', [unitPath, 'opt/nezha/agent/nezha-agent'], ['systemctl disable --now nezha-agent']],
    ['unit alone', [unitPath], ['systemctl disable --now nezha-agent']],
    ['program alone', ['opt/nezha/agent/nezha-agent'], []],
    ['init script', ['etc/init.d/nezha-agent'], ['rc-update delete nezha-agent']],
    ['program in the work folder', [join('..', 'work', 'agent', 'nezha-agent')], []],
  ])('%s: what the hint says, typed as it is, lets the next run go on', async (_, paths, calls) => {
    const {run, put, machine, servers} = await world()
    for (const path of paths) put(path, unit('other.example.com:5555', 'x'))
    const {error} = await run(web1)
    expect(error).toMatchObject({code: 'REJECTED'})
    const command = /; to replace it, first: (.*)$/.exec(String(error?.hint))?.[1] ?? ''
    // Nothing of the machine that runs the test: programs that write down how they are called, and rm.
    const bin = join(machine.root, 'bin')
    for (const name of ['systemctl', 'rc-update'])
      put(`bin/${name}`, `#!/bin/sh\necho "${name} $*" >>${bin}/calls\n`)
    execFileSync('sh', ['-c', `chmod +x ${bin}/*; ln -s "$(command -v rm)" ${bin}/rm`])
    spawnSync('/bin/sh', ['-c', command], {env: {PATH: bin}})
    const called = existsSync(join(bin, 'calls')) ? readFileSync(join(bin, 'calls'), 'utf8') : ''
    expect(called.split('\n').filter(line => line !== '')).toEqual(calls)
    expect((await run(web1)).result).toMatchObject({registered: true, installed: true, online: true})
    expect(servers()).toEqual([6])
  })

  test.each([
    [
      'an agent of v2',
      unitPath,
      'ExecStart=/opt/nezha/agent/nezha-agent "-c" "/opt/nezha/agent/config.yml"\n',
    ],
    ['an agent without a service', 'opt/nezha/agent/nezha-agent', ''],
  ])('%s is not this node because another machine of that name is online', async (_, path, text) => {
    const {run, put, nezha, registrations, downloads} = await world()
    nezha.state.report(nezha.state.add({name: 'web1', tag: 'AutoRegister'}).secret)
    put(path, text)
    const {error, result} = await run(web1)
    expect(result).toBeUndefined()
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toContain('nothing here says to which panel and as which node it reports')
    expect([registrations(), downloads()]).toEqual([0, 0])
  })

  test('with another secret than the node had that reported from here: nothing happens', async () => {
    const {run, put, nezha, registrations} = await world()
    await run(web1)
    const {secret} = nezha.state.add({name: 'web2', tag: 'AutoRegister'})
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, secret))
    const {error} = await run(web1)
    expect(error).toMatchObject({code: 'REJECTED'})
    expect(error?.message).toContain('with another secret than that of "web1" (server 6)')
    expect(registrations()).toBe(1)
  })

  test.each([
    ['nothing happens', 0],
    ['a proxy whose clock is five hours behind brings it to no life', -5],
  ])('of this name, and not reporting: %s', async (_, hours) => {
    const {run, put, nezha, downloads} = await world()
    const {id, secret} = nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    const [began, ended] = [Date.now() - 7_200_000, Date.now() - 3_600_000]
    const {BootTime, MemTotal} = hostOf(nezha.state.connect(id, machineFor(1, began), 1, began))
    nezha.state.disconnect(id, ended)
    put('etc/init.d/nezha-agent', `command_args=" '-s' '127.0.0.1:${nezha.probe.port}' '-p' '${secret}'"`)
    const machine = {startedAt: BootTime, memory: Number(MemTotal)}
    const env = {NEZHA_DASHBOARD_URL: await proxyWithClock(nezha.url, hours)}
    const {error} = await run({...web1, wait: 100}, {machine, env})
    expect(error).toMatchObject({code: 'REJECTED'})
    expect(error?.message).toContain('"web1" (AutoRegister) does not report')
    expect(error?.hint).toMatch(/^look at it: systemctl status nezha-agent; to replace it, first: /)
    expect(downloads()).toBe(0)
  })

  test('by an earlier run that did not live to see it report: it is waited for, and not installed again', async () => {
    const w = await world()
    await w.run({...web1, 'install-url': 'http://127.0.0.1:1/'})
    const {secret} = JSON.parse(w.saved()[0] ?? '')
    w.put(unitPath, unit(`127.0.0.1:${w.nezha.probe.port}`, secret))
    w.put('opt/nezha/agent/nezha-agent', '#!/bin/sh\n')
    w.nezha.state.report(secret)
    const {result, error} = await w.run(web1)
    expect(error).toBeUndefined()
    expect(result).toMatchObject({id: 6, registered: false, installed: false, online: true})
    expect([w.downloads(), w.saved()]).toEqual([0, []])
  })
})

describe('an agent that an unfinished run has installed to report elsewhere', () => {
  test('is not run over: it says what to remove first', async () => {
    const w = await world()
    await w.run({...web1, 'install-url': 'http://127.0.0.1:1/'})
    w.put(unitPath, unit('probe.example.com:5555', JSON.parse(w.saved()[0] ?? '').secret))
    const {error} = await w.run(web1)
    expect(error).toMatchObject({code: 'REJECTED', hint: expect.stringContaining('; rm ')})
    expect(error?.message).toContain('to report to probe.example.com:5555')
    expect(w.downloads()).toBe(0)
  })
})

describe('a server of that name and tag on the panel', () => {
  test.each(['resume', 'fail'] as const)('--if-exists %s stops, and names it', async ifExists => {
    const {run, nezha, registrations} = await world()
    nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    const {error} = await run({...web1, 'if-exists': ifExists})
    expect(error).toMatchObject({code: 'REJECTED'})
    expect(error?.message).toContain('"web1" (AutoRegister) is on the panel already: server 6')
    expect(registrations()).toBe(0)
  })

  test('--if-exists skip leaves it alone', async () => {
    const {run, nezha, registrations, downloads} = await world()
    nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    const {result, error} = await run({...web1, 'if-exists': 'skip'})
    expect(error).toBeUndefined()
    expect(result).toEqual({
      name: 'web1',
      id: 6,
      tag: 'AutoRegister',
      registered: false,
      installed: false,
      online: false,
      changed: false,
    })
    expect([registrations(), downloads()]).toEqual([0, 0])
  })

  test('--if-exists create makes another, and that one comes online', async () => {
    const {run, nezha, servers} = await world()
    nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    expect((await run({...web1, 'if-exists': 'create'})).result).toMatchObject({id: 7, online: true})
    expect(servers()).toEqual([6, 7])
  })

  test('of another tag is another node', async () => {
    const {run, nezha} = await world()
    nezha.state.add({name: 'web1', tag: 'Production'})
    expect((await run(web1)).result).toMatchObject({id: 7, tag: 'AutoRegister'})
  })
})

describe('a run that did not come to its end', () => {
  test('after registering goes on with the saved secret, which nobody else can read and which is gone when the node reports', async () => {
    const {run, saved, servers, registrations, stateDir} = await world()
    const {error} = await run({...web1, 'install-url': 'http://127.0.0.1:1/'})
    expect(error).toMatchObject({code: 'UNREACHABLE'})
    expect(error?.hint).toContain('"web1" is registered as server 6 and its secret is saved')
    expect(JSON.parse(saved()[0] ?? '')).toMatchObject({
      name: 'web1',
      id: 6,
      secret: expect.stringMatching(/^\w{18}$/),
    })
    const folder = join(stateDir, 'registrations')
    const [file = ''] = readdirSync(folder)
    expect(
      [statSync(folder), statSync(join(folder, file))].map(({mode}) => (mode & 0o777).toString(8)),
    ).toEqual(['700', '600'])
    const {result} = await run(web1)
    expect(result).toEqual({
      name: 'web1',
      id: 6,
      tag: 'AutoRegister',
      registered: false,
      installed: true,
      online: true,
      changed: true,
    })
    expect([servers(), registrations(), saved()]).toEqual([[6], 1, []])
  })

  test.each(['reset-before-answer-headers', 'half-body', 'cut-json', 'empty-200', 'html-200'] as const)(
    'because the answer to registering was lost (%s): one node, or the name of the server that stands in the way',
    async kind => {
      const {run, nezha, servers} = await world()
      nezha.faults.next({kind}, {path: '/api/v1/server/register'})
      expect((await run(web1)).error).toMatchObject({
        code: 'UNCERTAIN',
        hint: expect.stringContaining('server list'),
      })
      const second = await run(web1)
      if (kind === 'empty-200' || kind === 'html-200') {
        // The panel never saw it.
        expect(second.result).toMatchObject({id: 6, online: true})
        return
      }
      expect(second.error).toMatchObject({code: 'REJECTED'})
      expect(second.error?.message).toBe(
        'server 6 was registered as "web1" (AutoRegister) by a run whose answer was lost, so nobody has its secret',
      )
      expect(second.error?.hint).toContain('delete server 6 on the dashboard')
      nezha.state.remove(6)
      expect((await run(web1)).result).toMatchObject({id: 7, online: true})
      expect(servers()).toEqual([7])
    },
  )

  test('because the panel could not be reached leaves nothing behind', async () => {
    const {run, nezha, saved} = await world()
    nezha.faults.next(
      {kind: 'status', status: 429, headers: {'retry-after': '99'}},
      {path: '/api/v1/server/register'},
    )
    expect((await run(web1)).error).toMatchObject({code: 'UNREACHABLE'})
    expect(saved()).toEqual([])
  })

  test('whose server was deleted meanwhile registers a new one', async () => {
    const {run, nezha, servers} = await world()
    await run({...web1, 'install-url': 'http://127.0.0.1:1/'})
    nezha.state.remove(6)
    const {result, said} = await run(web1)
    expect(said).toContain('server 6, whose secret an earlier run saved, is no longer on the panel')
    expect(result).toMatchObject({id: 7, registered: true, online: true})
    expect(servers()).toEqual([7])
  })

  test('beside another machine of that name that registered at once: that one’s reports are not taken for ours, nor its id', async () => {
    const w = await world()
    const {run, nezha, saved, stateDir} = w
    await run({...web1, 'install-url': 'http://127.0.0.1:1/'})
    const {id: _, ...untold} = JSON.parse(saved()[0] ?? '')
    const folder = join(stateDir, 'registrations')
    const file = readdirSync(folder).find(name => name.endsWith('.json')) ?? ''
    writeFileSync(join(folder, file), JSON.stringify(untold))
    nezha.state.connect(nezha.state.add({name: 'web1', tag: 'AutoRegister'}).id, machineFor(7, Date.now()))
    serveScript(w, '#!/bin/sh\nmkdir agent; : >agent/nezha-agent\n')
    const first = await run({...web1, wait: 300})
    expect(first.error).toMatchObject({code: 'WAIT_TIMEOUT'})
    expect(first.result).toMatchObject({id: null, installed: true, online: false})
    nezha.state.report(untold.secret)
    expect((await run(web1)).result).toMatchObject({id: null, registered: false, online: true})
  })

  test('whose secret another machine reports with meanwhile is not run here as well', async () => {
    const {run, nezha, downloads, servers} = await world()
    await run({...web1, emit: 'shell'})
    nezha.state.connect(6, machineFor(6, Date.now()), 1, Date.now() - 60_000)
    const {error} = await run(web1)
    expect(error).toMatchObject({code: 'REJECTED', exitCode: 5})
    expect(error?.message).toBe(
      '"web1" (AutoRegister) is online already: server 6, and no agent is installed here',
    )
    expect(downloads()).toBe(0)
    expect((await run({...web1, 'if-exists': 'create'})).result).toMatchObject({id: 7, online: true})
    expect(servers()).toEqual([6, 7])
  })

  test('is finished by --if-exists create too, not doubled', async () => {
    const {run, servers} = await world()
    await run({...web1, 'install-url': 'http://127.0.0.1:1/', 'if-exists': 'create'})
    expect((await run({...web1, 'if-exists': 'create'})).result).toMatchObject({id: 6, online: true})
    expect(servers()).toEqual([6])
  })
})

describe('the secret', () => {
  test('is not shown, not even where the script prints it', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\necho "secret: $4"\necho "$4" >secret.txt\nexit 3\n')
    const {said, error} = await w.run(web1)
    const secret = readFileSync(join(w.workdir, 'secret.txt'), 'utf8').trim()
    expect(secret).toMatch(/^\w{18}$/)
    expect(said).toContain(`Run command: ./nezha.sh install_agent 127.0.0.1 ${w.nezha.probe.port} ********`)
    expect(said).toContain('secret: ********')
    expect(`${said}${error?.message}${error?.hint}`).not.toContain(secret)
  })

  test('is shown with --show-secrets', async () => {
    const w = await world()
    serveScript(w, '#!/bin/sh\nexit 3\n')
    const {said} = await w.run({...web1, 'show-secrets': true})
    expect(said).toContain(`127.0.0.1 ${w.nezha.probe.port} ${JSON.parse(w.saved()[0] ?? '').secret}`)
  })
})

describe('--secret-file', () => {
  async function withServer() {
    const w = await world()
    const {id, secret} = w.nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    const file = join(w.stateDir, '..', 'secret')
    writeFileSync(file, `${secret}\n`)
    return {...w, id, secret, file, flags: {...web1, 'secret-file': file}}
  }

  test('a machine that was installed anew is the server that it was', async () => {
    const {run, flags, servers, registrations, saved} = await withServer()
    expect((await run(web1)).error?.hint).toContain('with --secret-file')
    const {result, error} = await run(flags)
    expect(error).toBeUndefined()
    expect(result).toMatchObject({id: 6, registered: false, installed: true, online: true, changed: true})
    expect([servers(), registrations(), saved()]).toEqual([[6], 0, []])
  })

  test('with a secret that is another one’s the agent is silent: exit 8', async () => {
    const {run, flags, file} = await withServer()
    writeFileSync(file, 'anotherSecret00001')
    expect((await run({...flags, wait: 50})).error).toMatchObject({
      exitCode: 8,
      hint: expect.stringContaining('is the secret of --secret-file its own?'),
    })
  })

  test('an agent that is here with this secret is this server, whatever was saved', async () => {
    const {run, flags, put, nezha, secret, downloads} = await withServer()
    put(unitPath, unit(`127.0.0.1:${nezha.probe.port}`, secret))
    nezha.state.report(secret)
    expect((await run(flags)).result).toMatchObject({id: 6, online: true, changed: false})
    expect(downloads()).toBe(0)
  })

  test.each([
    [
      'where no server has that name',
      {name: ['web9']},
      'NOT_FOUND',
      'no server on the panel is "web9" (AutoRegister)',
    ],
    ['beside --if-exists create', {'if-exists': 'create'}, 'USAGE', 'for a node that is there'],
    ['of several names', {name: ['a', 'b'], emit: 'shell'}, 'USAGE', 'a secret is that of one node'],
    ['that is not there', {'secret-file': 'none'}, 'USAGE', '--secret-file: '],
  ] as const)('%s: nothing happens', async (_, more, code, message) => {
    const {run, flags, registrations, downloads} = await withServer()
    const {error} = await run({...flags, ...more})
    expect(error).toMatchObject({code, message: expect.stringContaining(message)})
    expect([registrations(), downloads()]).toEqual([0, 0])
  })

  test('of two servers of that name it does not say which', async () => {
    const {run, flags, nezha} = await withServer()
    nezha.state.add({name: 'web1', tag: 'AutoRegister'})
    expect((await run(flags)).error).toMatchObject({
      code: 'REJECTED',
      message: expect.stringContaining('servers 6, 7 have that name and tag'),
    })
  })
})
