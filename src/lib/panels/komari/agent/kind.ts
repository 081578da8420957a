import type {AgentIdentity, AgentKind} from '../../../agent/agent-kind.js'
import {initScript, systemdService, upstartJob} from '../../../agent/services.js'
import {valueBehind} from '../../../agent/value-behind.js'
import {hint} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import {hiddenVariables} from '../../script-variables.js'
import {addNode, editNode, listAgents, listReports} from '../endpoints.js'
import {komari} from '../panel.js'
import {timeOf} from '../times.js'
import {isHarmless} from './flags-of-agent.js'
import {gather, type NodeFlags, plainAddress} from './plan.js'

function identity(serviceText: string): AgentIdentity {
  // A node that it finds by itself is told by a file, which beats the token (contracts/komari.md 3.9).
  if (serviceText.includes('--auto-discovery')) return {address: undefined, secret: undefined}
  const address = valueBehind(serviceText, '-e|--endpoint')
  return {
    address: address === undefined ? undefined : plainAddress(address),
    secret: valueBehind(serviceText, '-t|--token'),
  }
}

/** In Unix seconds, within the last minute: what is older is over. */
async function lastReport(client: Client, uuid: string): Promise<number | undefined> {
  const last = (await client.call(listReports, {path: {uuid}}))?.at(-1)
  const time = timeOf(last?.updated_at)?.getTime()
  return time === undefined ? undefined : time / 1000
}

/** Agent and install script of Komari (contracts/komari.md 3.9, 7.11): script and agent say success whatever happens. */
export const komariAgent: AgentKind<NodeFlags> = {
  panel: komari,
  noun: 'node',
  isTagged: false,
  program: 'komari-agent',
  gather,

  async namesakes(client, {name}) {
    const {result, date} = await client.ask(listAgents, {})
    const named = result.filter(node => node.name === name)
    const nodes = named.map(async ({uuid, group, token = ''}) => ({
      id: uuid,
      tag: group,
      secret: token,
      lastReport: await lastReport(client, uuid),
    }))
    return {nodes: await Promise.all(nodes), date}
  },

  async register(client, {name}) {
    const {uuid, token} = await client.call(addNode, {body: {name}})
    return {id: uuid, secret: token}
  },

  // An edit of a node that there is not is a success (3.1), so that it is looked for first.
  async arrange(client, id, {tag, note, hidden}) {
    const found = (await client.call(listAgents, {})).find(({uuid}) => uuid === id)
    if (!found) return false
    const {group, remark = '', hidden: isHidden = false} = found
    const body = {
      ...(tag === undefined || tag === group ? {} : {group: tag}),
      ...(note === undefined || note === remark ? {} : {remark: note}),
      ...(hidden === undefined || hidden === isHidden ? {} : {hidden}),
    }
    if (Object.keys(body).length === 0) return false
    await client.call(editNode, {path: {uuid: found.uuid}, body})
    return true
  },

  takesSecret: isHarmless,

  script: {
    name: 'komari-install.sh',
    interpreter: 'bash',
    becomesRoot: false,
    tools: ['curl'],
    packageManagers: ['apt', 'yum', 'apk', 'brew'],
    overAgent: 'remove it',
    hiddenVariables,
    elsewhere: 'add the node on the dashboard, which shows what to run on other systems',
    failed: hint`what it printed says why; where it cannot reach GitHub: --mirror URL`,
  },

  installed: {
    services: {
      '/etc/systemd/system/komari-agent.service': systemdService,
      '/etc/init.d/komari-agent': initScript,
      '/etc/init/komari-agent.conf': upstartJob,
    },
    programs: ['./agent', '/opt/komari/agent'],
    identity,
    usualFolder: '/opt/komari',
    look: 'systemctl status komari-agent',
  },
}
