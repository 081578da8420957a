import type {AgentIdentity, AgentKind} from '../../../agent/agent-kind.js'
import {openrcService, systemdService} from '../../../agent/services.js'
import {valueBehind} from '../../../agent/value-behind.js'
import {hint, panelctl} from '../../../hint.js'
import {hiddenVariables} from '../../script-variables.js'
import {byId} from '../listing.js'
import {nezha} from '../panel.js'
import {NEVER} from '../schemas.js'
import {detailsOfV0} from '../v0/details.js'
import {listServers, registerServer} from '../v0/endpoints.js'
import {registration} from '../v0/registration.js'
import {isHarmless} from './allow-list.js'
import {gather, type NodeFlags} from './plan.js'

function identity(serviceText: string): AgentIdentity {
  return {
    address: valueBehind(serviceText, '-s|--server'),
    secret: valueBehind(serviceText, '-p|--password'),
  }
}

/** Seconds by which a clock that is set right may move the moment that a machine started; agents tell it every ten minutes. */
const CLOCK_STEP = 5

/** Agent and install script of Nezha v0 (contracts/nezha.md 2.1). The script, run over an agent, removes it (trap 37). */
export const nezhaAgent: AgentKind<NodeFlags> = {
  panel: nezha,
  noun: 'server',
  isTagged: true,
  program: 'nezha-agent',
  gather,

  // Names are not unique, and the panel tells no id of what was registered (1.6, trap 3).
  async namesakes(client, {name, tag}) {
    const {result, date} = await client.ask(listServers, {query: {tag}})
    // Some forks and a dropped filter (trap 33) give other tags as well.
    const servers = byId(result).filter(server => server.name === name && server.tag === tag)
    return {
      // The host is there before the first report, and says nothing of it (1.3, trap 38).
      nodes: servers.map(({id, last_active}) => ({
        id,
        lastReport: last_active > NEVER ? last_active : undefined,
      })),
      date,
    }
  },

  async underOtherTags(client, {name, tag}) {
    const servers = byId(await client.call(listServers, {query: {tag: undefined}}))
    return servers
      .filter(server => server.name === name && server.tag !== tag)
      .map(server => ({id: server.id, tag: server.tag, lastReport: undefined}))
  },

  // No call tells a secret, so that what agents say of their machines has to do (1.4); one without a host has 0 and 0.
  async ofMachine(client, {startedAt, memory}) {
    const details = await detailsOfV0(client.call, {ids: [], tag: undefined})
    return ('rows' in details ? details.rows : details)
      .filter(({host}) => host.MemTotal === memory && Math.abs(host.BootTime - startedAt) < CLOCK_STEP)
      .map(({id}) => id)
  },

  // Not `?simple=1`. A token cannot delete what this makes (1.7).
  async register(client, {hidden, ...node}) {
    const body = registration({...node, 'hide-for-guest': hidden})
    const {secret} = await client.call(registerServer, {body})
    return {secret}
  },

  // The script puts it through `eval` (trap 26).
  takesSecret: isHarmless,

  script: {
    name: 'nezha.sh',
    becomesRoot: true,
    tools: ['curl', 'wget', 'unzip'],
    packageManagers: ['yum', 'apt', 'apt-get', 'pacman', 'apk'],
    overAgent: 'remove it',
    // Trap 25.
    deletes: 'README.md',
    hiddenVariables,
    // The v0 installers for Windows and macOS fetch an agent of today's and fail without a word (trap 27).
    elsewhere: hint`register with ${panelctl('nezha server register')}, download nezha-agent v0.20.5, and run: nezha-agent service install -s HOST:PORT -p SECRET`,
    failed: hint`what it printed says why; where it cannot reach GitHub: --mirror cn`,
  },

  installed: {
    // What `service install` makes; `service uninstall` leaves the program, and needs it.
    services: {
      '/etc/systemd/system/nezha-agent.service': systemdService,
      '/etc/init.d/nezha-agent': openrcService,
    },
    // It goes to /opt/nezha whatever folder the script runs in.
    programs: ['/opt/nezha/agent/nezha-agent', './agent/nezha-agent'],
    identity,
    usualFolder: '/opt/nezha',
    look: 'systemctl status nezha-agent',
  },
}
