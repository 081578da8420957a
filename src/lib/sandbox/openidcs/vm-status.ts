import type {JsonObject} from './json.js'
import {liveStatus} from './live-status.js'
import {hardwareStatus} from './models.js'
import {changeMilliseconds, powerName} from './power.js'
import type {OpenidcsState} from './state.js'
import type {Host, Report, Vm} from './vm.js'

const minute = 60_000
const kept = 30

/** Everything the panel was told about a VM, oldest first (contracts/openidcs.md 23). */
export function historyOf(host: Host, vm: Vm, state: OpenidcsState): JsonObject[] {
  const all = [...agentReports(host, vm, state), ...vm.reports].sort((one, other) => one.at - other.at)
  const history = all.slice(-kept)
  const last = history.at(-1)
  // A VM that has been silent for ten minutes has stopped, and had always (23).
  const isSilent = state.features.isNewest && last !== undefined && state.now() - last.at > 10 * minute
  return history.map(({status}) => (isSilent ? {...status, ac_status: 'STOPPED'} : status))
}

/** A status that nobody sent. */
export function inventedStatus(state: OpenidcsState): JsonObject {
  return hardwareStatus({}, state.features, state.now())
}

/**
 * What the agent in a VM said: its figures each minute while it runs. The sandbox's own agents say
 * too when its power changes, as the panel of the seed has no other way to know.
 */
function agentReports(host: Host, vm: Vm, state: OpenidcsState): Report[] {
  const {agent} = vm
  const machine = state.ownMachine(host, vm.name)
  if (!agent || !machine) return []
  const {features} = state
  const now = state.now()
  const reports: Report[] = []
  const report = (at: number, power: Parameters<typeof liveStatus>[1]) => {
    if (at <= now) reports.push({at, status: liveStatus(agent, power, features, at)})
  }
  for (const [index, {at, power, on}] of machine.changes.entries()) {
    const next = machine.changes[index + 1]?.at ?? Number.POSITIVE_INFINITY
    const arrived = on === undefined ? at : at + changeMilliseconds
    if (on !== undefined && features.hasAgents) report(at, on)
    if (arrived >= next) continue
    if (power !== 'on' ? features.hasAgents : on !== undefined) report(arrived, powerName(power))
    if (power !== 'on') continue
    const end = Math.min(next, now)
    const start = Math.max(arrived, end - kept * minute)
    for (let mark = Math.ceil(start / minute) * minute; mark < end || mark === now; mark += minute) {
      if (mark > arrived || on === undefined) report(mark, 'STARTED')
    }
  }
  return reports
}
