import {randomUUID} from 'node:crypto'
import type {AgentIdentity, AgentKind} from '../../../agent/agent-kind.js'
import {openrcService, systemdService} from '../../../agent/services.js'
import {valueBehind} from '../../../agent/value-behind.js'
import {hint, panelctl} from '../../../hint.js'
import {hiddenVariables} from '../../script-variables.js'
import {isHarmless} from '../agent/allow-list.js'
import type {NodeFlags} from '../agent/plan.js'
import {editServer} from '../changes.js'
import {joinGroup} from '../groups.js'
import {byId} from '../listing.js'
import {nezha} from '../panel.js'
import {NEVER} from '../schemas.js'
import {gatherOfV1} from './agent-plan.js'
import {listGroups, listServers} from './endpoints.js'
import {groupsOf, seconds} from './nodes.js'
import type {Server} from './schemas.js'

/** Of a `config.yml`, or of the unit of a v0 agent; a unit of v1 and v2 says nothing. */
function identity(text: string): AgentIdentity {
  const field = (name: string) => new RegExp(`^${name}:\\s*["']?([^\\s"']+)`, 'm').exec(text)?.[1]
  return {address: field('server') ?? valueBehind(text, '-s|--server'), secret: field('uuid')}
}

/** Whether it is as the panel makes one: named for a pet, and nothing else said of it (3.6). */
function isAsMade({name = '', note, public_note, display_index, hide_for_guest}: Server): boolean {
  return /^[a-z]+-[a-z]+$/.test(name) && !(note || public_note || display_index || hide_for_guest)
}

/**
 * Agent and install script of Nezha v1 and v2 (contracts/nezha.md 2.3, 3.13): the account has the secret, and a node is the
 * UUID that its agent reports as. The script, run over an agent, leaves two of one UUID (traps 30, 51).
 */
export const agentOfV1: AgentKind<NodeFlags> = {
  panel: nezha,
  noun: 'server',
  isTagged: false,
  program: 'nezha-agent',
  appears: 'UUID',
  gather: gatherOfV1,

  // Named for a pet until somebody names it (3.6).
  async namesakes(client, {name}, uuid) {
    const [{result, date}, groups] = await Promise.all([
      client.ask(listServers, {}),
      client.call(listGroups, {}),
    ])
    const servers = (result ?? []).filter(server => server.uuid === uuid || server.name === name)
    const nodes = servers.map(server => {
      const lastActive = seconds(server.last_active)
      const tag = groupsOf(server.id, groups ?? []).join(',')
      return {
        id: server.id,
        name: server.name,
        isNamed: tag !== '' || !isAsMade(server),
        tag,
        secret: server.uuid ?? '',
        lastReport: lastActive > NEVER ? lastActive : undefined,
      }
    })
    return {nodes: byId(nodes), date}
  },

  register: async () => ({secret: randomUUID()}),

  async arrange({call}, id, {name, tag, note, hidden}) {
    const changes = {name, note, hide: hidden, 'public-note': undefined, order: undefined}
    // Whether it is so is looked at again by the next run.
    const edited = await editServer({api: call, now: () => new Date()}, String(id), changes, () => {})
    const joined = tag !== undefined && tag !== '' && (await joinGroup(call, tag, Number(id)))
    return joined || !('unneeded' in edited)
  },

  takesSecret: isHarmless,

  script: {
    name: 'nezha-agent.sh',
    becomesRoot: true,
    tools: ['curl', 'unzip', 'grep'],
    packageManagers: [],
    overAgent: 'put a second one beside it',
    hiddenVariables,
    elsewhere: hint`${panelctl('nezha server register')} prints what its install.ps1 takes for Windows`,
    failed: hint`what it printed says why; where it cannot reach GitHub: --mirror cn`,
  },

  installed: {
    configurations: [
      './agent/config.yml',
      '/opt/nezha/agent/config.yml',
      './agent/config-*.yml',
      '/opt/nezha/agent/config-*.yml',
    ],
    services: {
      '/etc/systemd/system/nezha-agent.service': systemdService,
      '/etc/systemd/system/nezha-agent-*.service': systemdService,
      '/etc/init.d/nezha-agent': openrcService,
    },
    programs: ['/opt/nezha/agent/nezha-agent', './agent/nezha-agent'],
    identity,
    usualFolder: '/opt/nezha',
    look: 'systemctl status nezha-agent',
  },
}
