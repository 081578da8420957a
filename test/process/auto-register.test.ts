import type {ChildProcess} from 'node:child_process'
import {existsSync, readdirSync, readFileSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {machineOf} from '../../src/lib/sandbox/komari/report.js'
import type {DashboardSandbox, KomariSandbox, NezhaSandbox} from '../emulated.js'
import {binary, dashboardSandbox, komariSandbox, nezhaSandbox, temporaryFolder} from '../harness.js'

/** Whether an agent of the machine's own is in the way of every run. */
const occupied =
  existsSync('/etc/systemd/system/nezha-agent.service') ||
  existsSync('/opt/nezha/agent/nezha-agent') ||
  existsSync('/etc/systemd/system/komari-agent.service') ||
  existsSync('/opt/komari/agent')
const installScript = {path: '/install.sh', method: 'GET'}
const register = {path: '/api/v1/server/register'}

/** What differs between the panels that machines register with. */
interface Kind<Sandbox extends NezhaSandbox | DashboardSandbox | KomariSandbox> {
  start(options: {now(): number}): Promise<Sandbox>
  readonly flags: readonly string[]
  /** The first write: what registers, or gives what has reported its name. */
  readonly register: {readonly path: string}
  readonly waitsForSecret?: false
  /** The name that the script runs by, and one that leaves an agent which is silent. */
  readonly script: string
  readonly agentOnly: string
  nodes(sandbox: Sandbox): {id: number | string; name: string; secret: string}[]
  report(sandbox: Sandbox, secret: string): void
}

const nezhaKind: Kind<NezhaSandbox> = {
  start: nezhaSandbox,
  flags: ['nezha', 'node', 'auto-register', '--no-tls'],
  register,
  script: 'nezha.sh',
  agentOnly: '#!/bin/sh\nmkdir agent && : >agent/nezha-agent && exit 0\n',
  nodes: ({state}) => [...state.servers.values()],
  report: ({state}, secret) => state.report(secret),
}

const komariKind: Kind<KomariSandbox> = {
  start: komariSandbox,
  flags: ['komari', 'node', 'auto-register'],
  register: {path: '/api/admin/client/add'},
  script: 'komari-install.sh',
  agentOnly: '#!/bin/sh\n: >agent\n',
  nodes: ({state}) =>
    [...state.nodes.values()].map(({columns: {uuid, name, token}}) => ({id: uuid, name, secret: token})),
  report({state}, secret) {
    const node = state.withToken(secret)
    if (node) state.connect(node.columns.uuid, machineOf(node.columns, node.seed, 0))
  },
}

const newerKind = (generation: 'v1' | 'v2'): Kind<DashboardSandbox> => ({
  start: options => dashboardSandbox({generation, ...options}),
  flags: ['nezha', 'node', 'auto-register', '--tag', 'new'],
  register: {path: '/api/v1/server/6'},
  waitsForSecret: false,
  script: 'nezha-agent.sh',
  agentOnly: `#!/bin/sh\nmkdir agent && printf 'server: %s\\nuuid: %s\\n' "$NZ_SERVER" "$NZ_UUID" >agent/config.yml\n`,
  nodes: ({state}) => [...state.servers.values()].map(({id, name, uuid}) => ({id, name, secret: uuid})),
  report: ({state, agentSecret}, uuid) => state.report({secret: agentSecret, uuid}),
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}

const setUp = () => setUpOf(nezhaKind)

async function setUpOf<Sandbox extends NezhaSandbox | DashboardSandbox | KomariSandbox>(kind: Kind<Sandbox>) {
  const began = Date.now()
  const nezha = await kind.start({now: () => began + (Date.now() - began) * 20})
  const folder = temporaryFolder()
  const [work, state] = [join(folder, 'work'), join(folder, 'state')]
  const saved = join(state, 'registrations')
  const env = {...nezha.environment, PANELCTL_STATE_DIR: state}
  const args = [...kind.flags, '--name', 'machine1', '--workdir', work, '-o', 'json']
  return {
    nezha,
    kind,
    nodes: () => kind.nodes(nezha).filter(({name}) => name === 'machine1'),
    report: (secret: string) => kind.report(nezha, secret),
    work,
    /** Runs it; `watch` sees the process, and what it has said so far. */
    run: (watch?: (child: ChildProcess, said: () => string) => void) =>
      binary(args, {
        env,
        stdin: 'closed',
        started: child => {
          let said = ''
          child.stderr?.on('data', text => {
            said += text
          })
          watch?.(child, () => said)
        },
      }),
    registrations: () => nezha.requests.filter(({path}) => path === kind.register.path).length,
    files: () => (existsSync(work) ? readdirSync(work) : []),
    /** Lets the lock of a killed process be an hour old, as if the next run came later; it may not have had one yet. */
    leaveForAnHour() {
      if (!existsSync(saved)) return
      for (const name of readdirSync(saved).filter(name => name.endsWith('.lock')))
        utimesSync(join(saved, name), 0, Date.now() / 1000 - 3600)
    },
    unfinished: () => readdirSync(saved).filter(name => name.endsWith('.json')),
    /** What is saved of those. */
    secrets: () =>
      readdirSync(saved)
        .filter(name => name.endsWith('.json'))
        .map(name => JSON.parse(readFileSync(join(saved, name), 'utf8')).secret as string),
  }
}

type Setting = Pick<Awaited<ReturnType<typeof setUp>>, 'nodes' | 'report' | 'secrets'> & {
  readonly nezha: Pick<NezhaSandbox, 'faults' | 'requests' | 'installer'>
  readonly kind: Pick<Kind<never>, 'register' | 'agentOnly'>
}

const ours = ({nodes}: Setting) => nodes()

/** The sandbox's script, which first waits until somebody writes into its pipe. */
async function gated({installer}: NezhaSandbox): Promise<string> {
  const text = await (await fetch(`${installer.url}/install.sh`)).text()
  return text.replace(
    '#!/bin/sh\n',
    '#!/bin/sh\nmkfifo gate && : >started && read -r go <gate\nrm gate started\n',
  )
}

/** A moment at which the program is ended: how it is brought there, and when it is there. */
interface Moment {
  readonly at: string
  prepare?(setting: Setting): Promise<void> | void
  reached(setting: Setting, said: string): boolean
  /** Before the next run, which ends well unless `ends` says otherwise. */
  between?(setting: Setting): void
  /** While the next run is on its way. */
  during?(setting: Setting, said: () => string): Promise<void>
  readonly ends?: 5
}

const moments: readonly Moment[] = [
  {at: 'gathering', reached: (_, said) => said.includes('[1/8]')},
  {at: 'the end of preflight', reached: (_, said) => said.includes('[2/8]')},
  {
    at: 'registering, before the panel has read it',
    prepare: ({nezha, kind}) => nezha.faults.next({kind: 'stall'}, kind.register),
    reached: ({nezha, kind}) => nezha.requests.some(({path}) => path === kind.register.path),
  },
  {
    at: 'downloading',
    prepare: ({nezha}) => nezha.faults.next({kind: 'stall'}, installScript),
    reached: ({nezha}) => nezha.installer.requests.length > 0,
  },
  {
    at: 'verifying',
    prepare: ({nezha, kind}) =>
      nezha.faults.next({kind: 'status', status: 200, body: kind.agentOnly}, installScript),
    reached: (_, said) => said.includes('[7/8]'),
    between: setting => {
      for (const secret of setting.secrets()) setting.report(secret)
    },
  },
]

const endings = [
  ['SIGKILL', {exitCode: null, signal: 'SIGKILL'}],
  ['SIGTERM', {exitCode: 143, signal: null}],
  ['SIGINT', {exitCode: 130, signal: null}],
] as const

describe.skipIf(process.platform !== 'linux' || occupied)('auto-register', () => {
  describe.each(
    endings.flatMap(([signal, ending]) => [
      [signal, 'nezha', ending, () => setUpOf(nezhaKind)] as const,
      [signal, 'komari', ending, () => setUpOf(komariKind)] as const,
      [signal, 'nezha v1', ending, () => setUpOf(newerKind('v1'))] as const,
      [signal, 'nezha v2', ending, () => setUpOf(newerKind('v2'))] as const,
    ]),
  )('ended by %s, of %s', (signal, _panel, ending, start) => {
    const stop = (child: ChildProcess) => child.kill(signal)

    test.each(moments.map(moment => [moment.at, moment] as const))(
      'while %s: the next run ends with one node and one agent',
      async (_, moment) => {
        const setting = await start()
        await moment.prepare?.(setting)
        // The secret is never told again, so one signal waits for the answer; a second one does not.
        const twice = signal !== 'SIGKILL' && moment.at.startsWith('registering')
        const first = await setting.run((child, said) => {
          until(() => moment.reached(setting, said())).then(() => {
            stop(child)
            const {waitsForSecret = true} = setting.kind
            if (twice) until(() => !waitsForSecret || said().includes('again')).then(() => stop(child))
          })
        })
        expect(first).toMatchObject({...ending, stdout: ''})
        expect(setting.files()).not.toContain(setting.kind.script)
        moment.between?.(setting)
        if (signal === 'SIGKILL') setting.leaveForAnHour()
        const second = await setting.run()
        expect(second.exitCode).toBe(0)
        const [only, ...others] = ours(setting)
        expect(others).toEqual([])
        expect(JSON.parse(second.stdout)).toMatchObject({name: 'machine1', id: only?.id, online: true})
        expect(setting.files()).toEqual(['agent'])
        expect(setting.unfinished()).toEqual([])
      },
    )
  })

  test('killed after the panel has registered it, and before it has said so: the next run names the server', async () => {
    const setting = await setUp()
    setting.nezha.faults.next({kind: 'stall-body'}, register)
    await setting.run(child => {
      until(() => ours(setting).length > 0).then(() => child.kill('SIGKILL'))
    })
    setting.leaveForAnHour()
    const {stderr, stdout, exitCode} = await setting.run()
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 5})
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      error: {code: 'REJECTED', hint: expect.stringContaining('delete server 6 on the dashboard')},
    })
    expect(setting.registrations()).toBe(1)
  })

  test('a signal while registering waits for the answer, and the secret is saved', async () => {
    const setting = await setUp()
    setting.nezha.faults.next({kind: 'slow-body', pieces: 5, intervalMs: 20}, register)
    const first = await setting.run(child => {
      until(() => ours(setting).length > 0).then(() => child.kill('SIGTERM'))
    })
    expect(first).toMatchObject({exitCode: 143, stdout: ''})
    expect(setting.unfinished()).toHaveLength(1)
    expect(await setting.run()).toMatchObject({exitCode: 0})
    expect(setting.registrations()).toBe(1)
  })

  test('killed while the script runs: the next run waits for the script, and does not start it again', async () => {
    const setting = await setUp()
    const body = await gated(setting.nezha)
    setting.nezha.installer.requests.length = 0
    setting.nezha.faults.next({kind: 'status', status: 200, body}, installScript)
    await setting.run(child => {
      until(() => setting.files().includes('started')).then(() => child.kill('SIGKILL'))
    })
    expect(setting.files()).toContain('nezha.sh')
    const second = await setting.run((_, said) => {
      until(() => said().includes('still at work')).then(() =>
        writeFileSync(join(setting.work, 'gate'), 'go\n'),
      )
    })
    expect(second.exitCode).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({id: 6, registered: false, online: true})
    expect(setting.nezha.installer.requests.filter(({method}) => method === 'GET')).toHaveLength(1)
    expect(setting.files()).toEqual(['agent'])
  })

  test('killed when the script has just been written: the next run does not take it for somebody else’s', async () => {
    const setting = await setUp()
    await setting.run(child => {
      until(() => setting.files().includes('nezha.sh')).then(() => child.kill('SIGKILL'))
    })
    setting.leaveForAnHour()
    expect(await setting.run()).toMatchObject({exitCode: 0})
    expect([setting.files(), ours(setting).length]).toEqual([['agent'], 1])
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    '%s while the script runs ends the script and removes it; the next run starts it again',
    async (signal, exitCode) => {
      const setting = await setUp()
      const body = await gated(setting.nezha)
      setting.nezha.faults.next({kind: 'status', status: 200, body}, installScript)
      const first = await setting.run(child => {
        until(() => setting.files().includes('started')).then(() => child.kill(signal))
      })
      expect(first).toMatchObject({exitCode, stdout: ''})
      expect(setting.files().toSorted()).toEqual(['gate', 'started'])
      const second = await setting.run()
      expect(second.exitCode).toBe(0)
      expect(JSON.parse(second.stdout)).toMatchObject({
        id: 6,
        registered: false,
        installed: true,
        online: true,
      })
      expect(setting.files()).not.toContain('nezha.sh')
    },
  )

  test.each([
    ['nezha', () => setUpOf(nezhaKind)],
    ['komari', () => setUpOf(komariKind)],
    ['nezha v1', () => setUpOf(newerKind('v1'))],
    ['nezha v2', () => setUpOf(newerKind('v2'))],
  ] as const)('three at once make one node of %s, and all say so', async (_, start) => {
    const setting = await start()
    const outcomes = await Promise.all([setting.run(), setting.run(), setting.run()])
    expect(outcomes.map(({exitCode}) => exitCode)).toEqual([0, 0, 0])
    const results = outcomes.map(({stdout}) => JSON.parse(stdout))
    const [only] = ours(setting)
    expect(results.map(({id, online}) => [id, online])).toEqual(results.map(() => [only?.id, true]))
    expect(results.filter(({registered}) => registered)).toHaveLength(1)
    expect(setting.registrations()).toBe(1)
  })

  test('in a sandbox, without a home and with an empty environment, it comes online', async () => {
    const folder = temporaryFolder()
    const {exitCode, stdout} = await binary(
      [
        'sandbox',
        '--',
        'panelctl',
        'nezha',
        'node',
        'auto-register',
        '--no-tls',
        '--workdir',
        join(folder, 'w'),
      ],
      {env: {HOME: undefined, PANELCTL_CONFIG_DIR: undefined, NODE_NAME: 'web1'}, stdin: 'closed'},
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('ONLINE      yes')
  })
})
