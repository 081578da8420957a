import type * as z from 'zod/mini'
import {PanelctlError, usageError} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {byGeneration} from '../../../http/generation.js'
import {fieldOf, isObject} from '../../../json-object.js'
import type {Unneeded, Waiting} from '../../../outcome.js'
import {number, text, toggle} from '../../../resource/kind.js'
import type {Field, Fields} from '../../../resource/resource.js'
import {meant, type Named} from '../../../resource/target.js'
import {pushAgentConfig, showAgentConfig, updateAgents} from '../v1/endpoints.js'
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

const ofNewer = 'agents of v0 are configured where they run'

async function serverNamed(
  api: Api,
  reference: string,
): Promise<{readonly id: number; readonly name: string}> {
  const {id, name} = meant(await servers.named(api), reference, servers)
  return {id: Number(id), name}
}

/**
 * What an agent is configured with now.
 * @throws PanelctlError REJECTED where it is offline, or refuses commands
 */
export async function readAgentConfig(api: Api, reference: string): Promise<Config> {
  return byGeneration(
    [
      async () => {
        const {id, name} = await serverNamed(api, reference)
        const written = await api(showAgentConfig, {path: {id}})
        const config = written === null ? undefined : jsonOf(written)
        if (isObject(config)) return config
        throw new PanelctlError('REJECTED', `the agent of ${name} is offline, or tells no configuration`, {
          hint: panelctl('nezha server list'),
          panel: 'nezha',
        })
      },
    ],
    ofNewer,
  )
}

/** An agent's own text, which may be anything. */
function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}

/** Sends something to one agent. Success is that it was sent (trap 44). */
async function sendTo(
  api: Api,
  reference: string,
  send: (id: number) => Promise<z.infer<typeof agentsReached>>,
): Promise<Named> {
  return byGeneration(
    [
      async () => {
        const {id, name} = await serverNamed(api, reference)
        const reached = await send(id)
        if (reached?.success?.includes(id)) return {id, name}
        const why = reached?.failure?.includes(id) ? 'did not take it' : 'is offline'
        throw new PanelctlError('REJECTED', `the agent of ${name} ${why}`, {panel: 'nezha'})
      },
    ],
    ofNewer,
  )
}

/** What an agent is configured with, where it tells: one that is away, or refuses commands, does not. */
async function toldConfig(api: Api, reference: string): Promise<Config | undefined> {
  return readAgentConfig(api, reference).catch(error => {
    if (error instanceof PanelctlError && error.code === 'REJECTED') return undefined
    throw error
  })
}

function hasAll(config: Config | undefined, values: Config): boolean {
  return Object.entries(values).every(([name, value]) => fieldOf(config, name) === value)
}

/** Changes settings of an agent, which merges them into what it has and starts anew with them after ten seconds. */
export async function configureAgent(
  api: Api,
  reference: string,
  values: Config,
): Promise<Named | Unneeded<Named>> {
  if (Object.keys(values).length === 0) throw usageError('nothing to change was given', 'say what with flags')
  if (hasAll(await toldConfig(api, reference), values)) {
    const {id, name} = await serverNamed(api, reference)
    return {result: {id, name}, unneeded: `the agent of ${name} has these values already`}
  }
  const config = JSON.stringify(values)
  return sendTo(api, reference, id => api(pushAgentConfig, {body: {servers: [id], config}}))
}

/** Has an agent look for a newer version, and take it. */
export async function updateAgent(api: Api, reference: string): Promise<Named> {
  return sendTo(api, reference, id => api(updateAgents, {body: [id]}))
}

/** Waits until an agent tells these values itself. */
export function configWaiting(api: Api, reference: string, values: Config): Waiting<Named> {
  return {
    goal: `the agent of ${reference} to tell the new values`,
    lookWith: panelctl('nezha agent config show', [reference]),
    async look(thing) {
      // It is away while it starts anew.
      const told = await toldConfig(api, reference)
      const word = told ? 'as before' : 'silent, as one that is offline or refuses commands'
      return {thing, state: hasAll(told, values) ? 'reached' : 'pending', word}
    },
  }
}
