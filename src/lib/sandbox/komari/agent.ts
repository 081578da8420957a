import {type Fields, isObject} from '../json-object.js'
import {lastReportAt, type Reporting, reportTimes} from '../machine.js'
import type {Features} from './features.js'
import {instantAt, millisecondsOf} from './instant.js'
import {type AgentMachine, emptyMetrics, type Metrics, type Report, reportOf} from './report.js'

/** A report by POST or protocol v2 counts as presence for this long (contracts/komari.md 1.11). */
const presence = 35_000

/** The agent on a node, as the panel sees it come and go. */
export interface Agent {
  machine?: Reporting & {readonly machine: AgentMachine}
  /** What came by the report route, and what tests put in; oldest first. */
  reports: readonly Report[]
  /** Whether the agent's own connection is open, for tests; unset, it follows from the reports. */
  connected?: boolean
}

/** What decides which reports the panel still has. */
export interface Memory {
  readonly features: Features
  /** Reports of before the last start of the panel are forgotten (contracts/komari.md 1.11). */
  readonly startedAt: number
  now(): number
}

const minute = 60_000

/** An old panel does its work of each minute when its own timer rings, not on the minute (1.14). */
export const ringsAt = 14_000

/**
 * The reports the panel got within the last minute, oldest first; before 1.2.7 it forgets older ones
 * only once a minute (contracts/komari.md 1.14).
 */
export function recentReports({machine, reports}: Agent, memory: Memory): Report[] {
  const now = memory.now()
  const end = memory.features.metrics ? now : now - ((now - ringsAt) % minute)
  const from = Math.max(end - minute, memory.startedAt + 1)
  const made = machine ? reportTimes(machine, from, now).map(at => reportOf(machine.machine, at)) : []
  const kept = reports.filter(({at}) => at >= instantAt(from) && at <= instantAt(now))
  return [...made, ...kept].sort((one, other) => (one.at < other.at ? -1 : 1))
}

/** The last report since the panel started, however old; `undefined` before the first. */
export function latestReport({machine, reports}: Agent, memory: Memory): Report | undefined {
  const {startedAt} = memory
  const now = memory.now()
  const own = reports.findLast(({at}) => at >= instantAt(startedAt) && at <= instantAt(now))
  const at = machine && lastReportAt(machine, now)
  if (!machine || at === undefined || at <= startedAt) return own
  const made = reportOf(machine.machine, at)
  return own && own.at > made.at ? own : made
}

/** Whether the panel counts a node as online: its last report is not older than 35 seconds. */
export function isOnline(agent: Agent, memory: Memory): boolean {
  if (agent.connected !== undefined) return agent.connected
  const latest = latestReport(agent, memory)
  return latest !== undefined && memory.now() - millisecondsOf(latest.at) < presence
}

/**
 * Reads the body of a report. Throws the panel's own words for what it refuses (contracts/komari.md
 * 3.8); fields that are left out are 0, a negative uptime passes.
 */
export function parseMetrics(body: Fields): Metrics {
  const usage = isObject(body.cpu) ? Number(body.cpu.usage ?? 0) : 0
  if (usage < 0 || usage > 100) throw new Error('CPU.Usage must be between 0 and 100')
  for (const [name, group] of Object.entries(emptyMetrics)) {
    const values = typeof group === 'object' && isObject(body[name]) ? Object.values(body[name]) : []
    if (values.some(value => Number(value) < 0)) throw new Error(`${name} must not be negative`)
  }
  return readInto(emptyMetrics, body)
}

/** What a JSON says of the fields of a shape, each of its type; the shape's own otherwise. */
function readInto<Shape extends object>(shape: Shape, json: Fields): Shape {
  const fields = Object.entries(shape).map(([name, empty]) => {
    const value = json[name]
    if (typeof empty === 'object') return [name, readInto(empty, isObject(value) ? value : {})]
    return [name, typeof value === typeof empty ? value : empty]
  })
  return Object.fromEntries(fields)
}
