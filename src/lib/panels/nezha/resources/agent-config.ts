import type * as z from 'zod/mini'
import {PanelctlError, reworded, usageError} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {byGeneration} from '../../../http/generation.js'
import {fieldOf, isObject} from '../../../json-object.js'
import type {Unneeded, Waiting} from '../../../outcome.js'
import {number, text, toggle} from '../../../resource/kind.js'
import type {Field, Fields} from '../../../resource/resource.js'
import {meant, typed} from '../../../resource/target.js'
import {pushAgentConfig, showAgentConfig, updateAgents} from '../v1/endpoints.js'
import {lettingAgent} from '../v1/exec.js'
import type {agentsReached} from '../v1/schemas.js'
import {servers} from './servers.js'

const switches = {
  gpu: 'report GPUs',
  temperature: 'report temperatures',
  skip_connection_count: 'count no connections',
  skip_procs_count: 'count no processes',
  disable_auto_update: 'look for no newer version by itself',
  disable_force_update: 'refuse updates that the dashboard sends',
  disable_command_execute: 'refuse commands, and to be configured from here, too',
  disable_nat: 'refuse NAT',
  disable_send_query: 'probe no services',
  use_ipv6_country_code: 'tell the country of its IPv6 address',
  use_gitee_to_upgrade: 'update from Gitee',
  use_atomgit_to_upgrade: 'update from AtomGit',
}

/** With another one of these the agent never comes back, or it ignores it (contracts/nezha.md 3.9). */
const fixed = ['server', 'tls', 'insecure_tls', 'uuid']

/** What agents are configured with from here (contracts/nezha.md 3.9). */
export const agentConfig = {
  key: 'uuid',
  fields: {
    report_delay: {kind: number({min: 1, max: 4}), summary: 'seconds from one report to the next'},
    ip_report_period: {kind: number({min: 1}), summary: 'seconds from one look for its address to the next'},
    // --debug is a flag of every command.
    debug: {kind: toggle(), summary: 'write more into its log', flag: 'agent-debug'},
    self_update_period: {kind: number(), summary: 'minutes from one look for a newer version to the next'},
    ...Object.fromEntries(
      Object.entries(switches).map(([name, summary]): [string, Field] => [name, {kind: toggle(), summary}]),
    ),
    ...Object.fromEntries(
      fixed.map((name): [string, Field] => [name, {kind: text(), summary: 'not set from here', told: true}]),
    ),
    client_secret: {kind: text(), summary: 'what it reports with', secret: true, told: true},
  } satisfies Fields,
}

type Config = Readonly<Record<string, unknown>>

interface Server {
  readonly id: number
  readonly name: string
}

/** Does something with the server of this id or name. */
async function withServer<Result>(
  api: Api,
  reference: string,
  act: (server: Server) => Promise<Result>,
): Promise<Result> {
  return byGeneration(
    [
      async () => {
        const {id, name} = meant(await servers.named(api), typed(reference), servers)
        return act({id: Number(id), name})
      },
    ],
    'agents of v0 are configured where they run',
  )
}

function isOffline({name}: Server): PanelctlError {
  return new PanelctlError('UNREACHABLE', `the agent of ${name} is offline`, {
    hint: panelctl('nezha server list'),
    panel: 'nezha',
  })
}

/** An agent's own text, which may be anything. */
function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}

/**
 * What an agent tells of its configuration; undefined where it is offline.
 * @throws PanelctlError REJECTED where it refuses commands
 */
async function askAgent(api: Api, {id, name}: Server): Promise<Config | undefined> {
  const written = await api(showAgentConfig, {path: {id}}).catch(error => {
    // v1.14 tells of the lost connection (contracts/nezha.md 3.9), v2 nothing at all.
    if (error instanceof PanelctlError && /rpc error: code = Unavailable\b/.test(error.message)) return null
    if (!(error instanceof PanelctlError) || error.code !== 'REJECTED' || error.status !== 200) throw error
    throw reworded(error, {
      message: `the agent of ${name} tells no configuration: ${error.message}`,
      hint: `one that runs no commands tells none; ${lettingAgent}`,
    })
  })
  if (written === null) return undefined
  const config = jsonOf(written)
  if (isObject(config)) return config
  throw new PanelctlError('REJECTED', `the agent of ${name} tells no configuration`, {panel: 'nezha'})
}

/** The same, undefined also where it refuses commands. */
async function toldConfig(api: Api, server: Server): Promise<Config | undefined> {
  return askAgent(api, server).catch(error => {
    if (error instanceof PanelctlError && error.code === 'REJECTED') return undefined
    throw error
  })
}

/**
 * What an agent is configured with now.
 * @throws PanelctlError UNREACHABLE where it is offline, REJECTED where it refuses commands
 */
export async function readAgentConfig(api: Api, reference: string): Promise<Config> {
  return withServer(api, reference, async server => {
    const config = await askAgent(api, server)
    if (config) return config
    throw isOffline(server)
  })
}

/**
 * The server whose agent something was sent to. Success is that it was sent (trap 44).
 * @throws PanelctlError UNREACHABLE where it is offline, REJECTED where it did not take it
 */
function reached(server: Server, told: z.infer<typeof agentsReached>): Server {
  if (told?.success?.includes(server.id)) return server
  if (!told?.failure?.includes(server.id)) throw isOffline(server)
  throw new PanelctlError('REJECTED', `the agent of ${server.name} did not take it`, {panel: 'nezha'})
}

function hasAll(config: Config | undefined, values: Config): boolean {
  return Object.entries(values).every(([name, value]) => fieldOf(config, name) === value)
}

/** Changes settings of an agent, which merges them into what it has and starts anew with them after ten seconds. */
export async function configureAgent(
  api: Api,
  reference: string,
  values: Config,
): Promise<Server | Unneeded<Server>> {
  if (Object.keys(values).length === 0) throw usageError('nothing to change was given', 'say what with flags')
  return withServer<Server | Unneeded<Server>>(api, reference, async server => {
    // One that tells none takes none (3.9).
    if (hasAll(await askAgent(api, server), values))
      return {result: server, unneeded: `the agent of ${server.name} has these values already`}
    const config = JSON.stringify(values)
    return reached(server, await api(pushAgentConfig, {body: {servers: [server.id], config}}))
  })
}

/** Has an agent look for a newer version, and take it. */
export async function updateAgent(api: Api, reference: string): Promise<Server> {
  return withServer(api, reference, async server =>
    reached(server, await api(updateAgents, {body: [server.id]})),
  )
}

/** Waits until an agent tells these values itself. */
export function configWaiting(api: Api, reference: string, values: Config): Waiting<Server> {
  return {
    goal: `the agent of ${reference} to tell the new values`,
    lookWith: panelctl('nezha agent config show', [reference]),
    async look(thing) {
      // It is away while it starts anew.
      const told = await toldConfig(api, thing)
      const word = told ? 'as before' : 'silent, as one that is offline or refuses commands'
      return {thing, state: hasAll(told, values) ? 'reached' : 'pending', word}
    },
  }
}
