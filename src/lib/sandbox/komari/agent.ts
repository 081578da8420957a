import {type Fields, isObject, textIn} from '../json-object.js'
import {lastReportAt, type Reporting, reportTimes} from '../machine.js'
import {instantAt, millisecondsOf} from './instant.js'
import {type AgentMachine, type Metrics, type Report, reportOf} from './report.js'

/** A report by POST or protocol v2 counts as presence for this long (contracts/komari.md 1.11). */
const presence = 35_000

/** The agent on a node, as the panel sees it come and go. */
export interface Agent {
  readonly machine?: Reporting & {readonly machine: AgentMachine}
  /** What came by the report route, and what tests put in; oldest first. */
  readonly reports: readonly Report[]
  /** Whether the agent's own connection is open, for tests; unset, it follows from the reports. */
  readonly connected?: boolean
  /** Reports of before the last start of the panel are forgotten (contracts/komari.md 1.11). */
  readonly panelStartedAt: number
}

const minute = 60_000

/** An old panel does its work of each minute when its own timer rings, not on the minute (1.14). */
export const ringsAt = 14_000

function lastRing(now: number): number {
  return now - ((now - ringsAt) % minute)
}

/**
 * The reports the panel got within the last minute, oldest first; before 1.2.7 it forgets older ones
 * only once a minute (contracts/komari.md 1.14).
 */
export function recentReports(agent: Agent, now: number, exactly: boolean): Report[] {
  const from = Math.max((exactly ? now : lastRing(now)) - 60_000, agent.panelStartedAt + 1)
  const {machine} = agent
  const made = machine ? reportTimes(machine, from, now).map(at => reportOf(machine.machine, at)) : []
  const kept = agent.reports.filter(({at}) => at >= instantAt(from) && at <= instantAt(now))
  return [...made, ...kept].sort((one, other) => (one.at < other.at ? -1 : 1))
}

/** The last report since the panel started, however old; `undefined` before the first. */
export function latestReport(agent: Agent, now: number): Report | undefined {
  const {machine, reports, panelStartedAt} = agent
  const own = reports.findLast(({at}) => at >= instantAt(panelStartedAt) && at <= instantAt(now))
  const at = machine && lastReportAt(machine, now)
  if (!machine || at === undefined || at <= panelStartedAt) return own
  const made = reportOf(machine.machine, at)
  return own && own.at > made.at ? own : made
}

/** Whether the panel counts a node as online: its last report is not older than 35 seconds. */
export function isOnline(agent: Agent, now: number): boolean {
  if (agent.connected !== undefined) return agent.connected
  const latest = latestReport(agent, now)
  return latest !== undefined && now - millisecondsOf(latest.at) < presence
}

const amounts = ['ram', 'swap', 'disk', 'network', 'connections', 'load'] as const

/**
 * Reads the body of a report. Throws the panel's own words for what it refuses (contracts/komari.md
 * 3.8); fields that are left out are 0, a negative uptime passes.
 */
export function parseMetrics(body: Fields): Metrics {
  const group = (name: string) => (isObject(body[name]) ? body[name] : {})
  const amount = (from: Fields, name: string) => (typeof from[name] === 'number' ? from[name] : 0)
  const usage = amount(group('cpu'), 'usage')
  if (usage < 0 || usage > 100) throw new Error('CPU.Usage must be between 0 and 100')
  for (const name of amounts) {
    for (const value of Object.values(group(name))) {
      if (typeof value === 'number' && value < 0) throw new Error(`${name} must not be negative`)
    }
  }
  const share = (name: string) => ({total: amount(group(name), 'total'), used: amount(group(name), 'used')})
  const [load, network, connections] = [group('load'), group('network'), group('connections')]
  return {
    cpu: {usage},
    ram: share('ram'),
    swap: share('swap'),
    load: {
      load1: amount(load, 'load1'),
      load5: amount(load, 'load5'),
      load15: amount(load, 'load15'),
    },
    disk: share('disk'),
    network: {
      up: amount(network, 'up'),
      down: amount(network, 'down'),
      totalUp: amount(network, 'totalUp'),
      totalDown: amount(network, 'totalDown'),
    },
    connections: {tcp: amount(connections, 'tcp'), udp: amount(connections, 'udp')},
    uptime: amount(body, 'uptime'),
    process: amount(body, 'process'),
    message: textIn(body, 'message'),
  }
}
