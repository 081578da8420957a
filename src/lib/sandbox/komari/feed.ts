import type {SandboxRequest} from '../answer.js'
import {goJson} from '../go/json.js'
import {objectIn} from '../json-object.js'
import {shuffled} from '../random.js'
import type {Conversation} from '../websocket.js'
import {isOnline, latestReport, parseMetrics} from './agent.js'
import {sessionOf} from './identity.js'
import {renderReport} from './report.js'
import type {KomariNode, KomariState} from './state.js'

const invalidMessage = `${goJson({error: 'Invalid message', status: 'error'})}\n`

/**
 * `/api/clients`: one answer a request, never anything else. Whether the caller is logged in (by the
 * cookie alone, no API key) and which nodes are hidden is settled when it connects (contracts/komari.md 1.11).
 */
export function liveFeed(request: SandboxRequest, state: KomariState): Conversation {
  const {features} = state
  const seesAll = !features.hiddenNodes || sessionOf(request, state) !== undefined
  const hidden = new Set(
    [...state.nodes.values()].flatMap(({columns}) => (columns.hidden && !seesAll ? columns.uuid : [])),
  )
  return {
    reply: frame => {
      if (frame === 'get') return [snapshot('', hidden, state)]
      if (features.getOne && frame.startsWith('get ')) return [snapshot(frame.slice(4).trim(), hidden, state)]
      return [invalidMessage]
    },
  }
}

function snapshot(only: string, hidden: ReadonlySet<string>, state: KomariState): string {
  const nodes = [...state.feed.values()].filter(
    ({columns: {uuid}}) => !hidden.has(uuid) && (only === '' || uuid === only),
  )
  const online = nodes.filter(({agent}) => isOnline(agent, state)).map(({columns}) => columns.uuid)
  const reports = nodes
    .flatMap(node => {
      const report = latestReport(node.agent, state)
      return report ? [[node.columns.uuid, renderReport(report, 'feed')] as const] : []
    })
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const data = {online: shuffled(online, state.random), data: Object.fromEntries(reports)}
  return `${goJson({data, status: 'success'})}\n`
}

/** `/api/clients/report`: an agent of the first protocol; reports are not acknowledged (contracts/komari.md 3.8). */
export function agentSocket({columns: {uuid}}: KomariNode, state: KomariState): Conversation {
  const refusal = (error: string) => [`${goJson({error, status: 'error'})}\n`]
  return {
    reply: frame => {
      const json = objectIn(frame)
      if (!json) return refusal('Invalid JSON')
      if (json.type === 'ping_result') {
        state.probed(uuid, json)
        return []
      }
      if (json.type !== undefined && json.type !== 'report') return refusal('Unknown message type')
      try {
        state.report(uuid, parseMetrics(json))
        return []
      } catch (error) {
        return refusal((error as Error).message)
      }
    },
  }
}
