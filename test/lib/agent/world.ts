import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {onTestFinished} from 'vitest'
import type {AgentKind} from '../../../src/lib/agent/agent-kind.js'
import {autoRegister, type FlowFlags} from '../../../src/lib/agent/auto-register.js'
import type {Emitted} from '../../../src/lib/agent/emit-nodes.js'
import type {Machine} from '../../../src/lib/agent/machine.js'
import type {NodeResult} from '../../../src/lib/agent/node-result.js'
import {resolveConnection} from '../../../src/lib/config/connection/resolve.js'
import {PanelctlError} from '../../../src/lib/errors.js'
import {createClient} from '../../../src/lib/http/client.js'
import {komariAgent} from '../../../src/lib/panels/komari/agent/kind.js'
import type {NodeFlags as KomariFlags} from '../../../src/lib/panels/komari/agent/plan.js'
import {nezhaAgent} from '../../../src/lib/panels/nezha/agent/kind.js'
import type {NodeFlags} from '../../../src/lib/panels/nezha/agent/plan.js'
import {agentOfV1} from '../../../src/lib/panels/nezha/v1/agent-kind.js'
import type {NodeColumns} from '../../../src/lib/sandbox/komari/node.js'
import {
  type DashboardSandbox,
  type KomariOptions,
  type KomariSandbox,
  type NezhaOptions,
  type NezhaSandbox,
  startDashboard,
  startKomari,
  startNezha,
} from '../../emulated.js'
import {asPrinted} from '../../failure.js'
import {temporaryFolder} from '../../harness.js'

/** A clock that runs faster than ours, so that the second until an agent's first report passes in no time. */
export function fastClock(): () => number {
  const began = Date.now()
  return () => began + (Date.now() - began) * 20
}

/** What a run came to. */
export interface Outcome {
  readonly result: NodeResult | undefined
  readonly emitted: Emitted | undefined
  readonly error: PanelctlError | undefined
  /** All notes and warnings, a line each. */
  readonly said: string
}

/** A panel, a machine of its own, and auto-register on it. */
export interface Flow<Flags> {
  readonly machine: Machine
  readonly workdir: string
  readonly stateDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Runs it with these flags besides a work folder of its own. */
  run(
    flags?: Partial<FlowFlags & Flags>,
    more?: {machine?: Partial<Machine>; env?: object; timeout?: number; kind?: AgentKind<Flags>},
  ): Promise<Outcome>
  /** Puts a file onto the machine. */
  put(path: string, text: string): void
  /** What the installer serves next, in place of its script. */
  serveScript(body: string, times?: number): void
  /** How often the script was downloaded. */
  downloads(): number
  /** How `systemctl` was called, which does nothing; with these words it fails from now on. */
  systemctl(failing?: string): string[]
  /** What is saved: the texts of the files in the state folder. */
  saved(): string[]
}

/** Flags of every panel, as they are where nobody gives them. */
const usualFlags = {
  name: [],
  tag: undefined,
  note: undefined,
  'hide-for-guest': undefined,
  'agent-flag': [],
  'install-url': undefined,
  'script-sha256': undefined,
  mirror: undefined,
  emit: undefined,
  'if-exists': 'resume',
  'secret-file': undefined,
  wait: undefined,
  'no-wait': false,
  'skip-preflight': false,
  'show-secrets': false,
  'dry-run': false,
} as const

/** A run waits where it may, and not as long as it would for a person. */
function waits(flags: {readonly 'no-wait'?: boolean; readonly emit?: unknown}): boolean {
  return flags['no-wait'] !== true && flags.emit === undefined
}

function flowOn<Flags>(
  panel: Pick<NezhaSandbox | DashboardSandbox | KomariSandbox, 'environment' | 'faults' | 'installer'>,
  usualKind: AgentKind<Flags>,
  usual: (flow: {readonly workdir: string}) => FlowFlags & Flags,
): Flow<Flags> {
  const folder = temporaryFolder()
  const [workdir, stateDir, root] = [join(folder, 'work'), join(folder, 'state'), join(folder, 'root')]
  const bin = join(folder, 'bin')
  const calls = join(bin, 'calls')
  mkdirSync(bin)
  writeFileSync(calls, '')
  const systemctl = `#!/bin/sh\necho "$*" >>${calls}\n[ ! -e ${bin}/"$1" ]\n`
  writeFileSync(join(bin, 'systemctl'), systemctl, {mode: 0o700})
  const machine: Machine = {
    root,
    platform: 'linux',
    hostname: 'host1',
    userId: process.geteuid?.(),
    path: `${bin}:${process.env.PATH}`,
    startedAt: 1_700_000_000,
    memory: 2 ** 31,
    pollEvery: 10,
  }
  const env = {...panel.environment, PANELCTL_STATE_DIR: stateDir, HOME: folder}

  return {
    machine,
    workdir,
    stateDir,
    env,
    async run(flags = {}, more = {}) {
      const lines: string[] = []
      const say = (text: string) => {
        lines.push(text)
      }
      const all = {...env, ...more.env}
      const {signal} = new AbortController()
      const outcome = await autoRegister(
        {
          env: all,
          signal,
          speech: {note: say, warn: say},
          connect: panel =>
            resolveConnection({panel, flags: {}, env: all, configDir: join(folder, 'config')}),
          client: (_panel, target) =>
            createClient(
              async () => {
                if (!target) throw new Error('no target')
                return target
              },
              {
                timeout: more.timeout,
                retries: 0,
                dryRun: flags['dry-run'] ?? false,
                userAgent: 'test',
                signal,
                outlivesSignal: true,
                warn: say,
              },
            ),
        },
        more.kind ?? usualKind,
        {...usual({workdir}), ...(waits(flags) ? {wait: 10_000} : {}), ...flags},
        {...machine, ...more.machine},
      ).then(
        done =>
          'problem' in done
            ? {value: done.result, error: asPrinted(done.problem)}
            : {value: done, error: undefined},
        (error: unknown) => {
          if (!(error instanceof PanelctlError)) throw error
          return {value: undefined, error: asPrinted(error)}
        },
      )
      const {value, error} = outcome
      return {
        result: value && 'online' in value ? value : undefined,
        emitted: value && 'emit' in value ? value : undefined,
        error,
        said: lines.join('\n'),
      }
    },
    put(path, text) {
      mkdirSync(dirname(join(root, path)), {recursive: true})
      writeFileSync(join(root, path), text)
    },
    serveScript: (body, times = 1) =>
      panel.faults.next({kind: 'status', status: 200, body}, {path: '/install.sh', times}),
    downloads: () => panel.installer.requests.filter(({method}) => method === 'GET').length,
    systemctl(failing) {
      if (failing !== undefined) writeFileSync(join(bin, failing), '')
      return readFileSync(calls, 'utf8').split('\n').slice(0, -1)
    },
    saved() {
      const registrations = join(stateDir, 'registrations')
      try {
        return readdirSync(registrations)
          .filter(name => name.endsWith('.json'))
          .map(name => readFileSync(join(registrations, name), 'utf8'))
      } catch {
        return []
      }
    },
  }
}

const nezhaFlags = {
  ...usualFlags,
  'probe-address': undefined,
  'probe-port': undefined,
  tls: undefined,
  'disable-command-execute': false,
}

/** A Nezha dashboard with a machine: of v0 unless it is another. */
export interface World<Sandbox = NezhaSandbox> extends Flow<NodeFlags> {
  readonly nezha: Sandbox
  /** The servers of that name, by id. */
  servers(name?: string): number[]
  /** How often the panel was asked to register. */
  registrations(): number
}

function named({state}: NezhaSandbox | DashboardSandbox) {
  return (name = 'web1') =>
    [...state.servers.values()].filter(server => server.name === name).map(({id}) => id)
}

export async function world(options: NezhaOptions = {}): Promise<World> {
  const nezha = await startNezha({now: fastClock(), ...options})
  onTestFinished(() => nezha.close())
  return {
    nezha,
    ...flowOn(nezha, nezhaAgent, ({workdir}) => ({...nezhaFlags, tls: false, workdir})),
    servers: named(nezha),
    registrations: () => nezha.requests.filter(({path}) => path.includes('/register')).length,
  }
}

/** The same of v2, or of v1 where it is asked for; there nobody is asked to register. */
export async function newerWorld(
  options: NezhaOptions = {},
): Promise<Omit<World<DashboardSandbox>, 'registrations'>> {
  const nezha = await startDashboard({now: fastClock(), ...options})
  onTestFinished(() => nezha.close())
  const usual = ({workdir}: {workdir: string}) => ({...nezhaFlags, workdir})
  return {nezha, ...flowOn(nezha, agentOfV1, usual), servers: named(nezha)}
}

/** A Komari panel with a machine. */
export interface KomariMachine extends Flow<KomariFlags> {
  readonly komari: KomariSandbox
  /** The nodes of that name. */
  nodes(name?: string): NodeColumns[]
  /** How often the panel was asked to add one. */
  additions(): number
}

export async function komariWorld(options: KomariOptions = {}): Promise<KomariMachine> {
  const komari = await startKomari({now: fastClock(), ...options})
  onTestFinished(() => komari.close())
  return {
    komari,
    ...flowOn(komari, komariAgent, ({workdir}) => ({...usualFlags, endpoint: undefined, workdir})),
    nodes: (name = 'host1') =>
      [...komari.state.nodes.values()].map(({columns}) => columns).filter(node => node.name === name),
    additions: () => komari.requests.filter(({path}) => path.endsWith('/client/add')).length,
  }
}

export function serveScript(flow: Pick<World, 'serveScript'>, body: string, times = 1): void {
  flow.serveScript(body, times)
}

/** A unit file as the agent's `service install` writes it (contracts/nezha.md 2.1). */
export function unit(server: string, secret: string): string {
  return `[Unit]
Description=哪吒探针监控端

[Service]
StartLimitInterval=5
ExecStart=/opt/nezha/agent/nezha-agent "-s" "${server}" "-p" "${secret}" "--tls"
WorkingDirectory=/opt/nezha
Restart=always
RestartSec=120

[Install]
WantedBy=multi-user.target
`
}
export const unitPath = 'etc/systemd/system/nezha-agent.service'

/** A unit file as Komari's install script writes it (contracts/komari.md 3.9). */
export function komariUnit(endpoint: string, token: string, more = ''): string {
  return `[Service]
ExecStart=/opt/komari/agent -e ${endpoint} -t ${token}${more}
WorkingDirectory=/opt/komari
Restart=always
User=root
`
}
export const komariUnitPath = 'etc/systemd/system/komari-agent.service'
