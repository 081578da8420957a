import {PanelctlError, reworded} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api, Client} from '../../../http/client.js'
import type {Waiting} from '../../../outcome.js'
import {powerVm} from '../endpoints.js'
import {isEnabled} from '../host/hosts.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import {textOf} from '../loose-values.js'
import type {VmNames} from '../machine-arguments.js'
import type {Vm} from '../schemas.js'
import {lookOnce, sendOnce} from '../settle.js'
import {unlessVersion, untold, versionOf} from '../versions.js'
import {
  isVmware,
  readListedVm,
  readVmsOfHost,
  refuseDisabled,
  refuseMistakable,
  requireVm,
  type VmsOfHost,
} from '../vms-of-host.js'
import {latestOf, powerOf, readVms} from './vms.js'

/** What the panel can do to the power of a VM, in its own words (contracts/openidcs.md 2.3 no. 22). */
export const powerActions = ['start', 'stop', 'hard_stop', 'reset', 'hard_reset', 'pause', 'resume'] as const

export type PowerAction = (typeof powerActions)[number]

/** The state that each ends in (3.5). */
const goals: Readonly<Record<PowerAction, string>> = {
  start: 'STARTED',
  stop: 'STOPPED',
  hard_stop: 'STOPPED',
  reset: 'STARTED',
  hard_reset: 'STARTED',
  pause: 'SUSPEND',
  resume: 'STARTED',
}

/** Whether the guest gets no chance to save what it is doing. */
export function isHard(action: PowerAction): boolean {
  return action.startsWith('hard_')
}

function isReset(action: PowerAction): boolean {
  return action === 'reset' || action === 'hard_reset'
}

/**
 * The state that an action ends in, where a VM is in it already; undefined where it is not, or nothing tells it now.
 * Only versions that know disabled hosts have a flag of the power (3.1, 3.2).
 */
async function alreadyIn(api: Api, {host}: VmsOfHost, names: VmNames, action: PowerAction) {
  if (isReset(action) || isEnabled(host) === null) return undefined
  const vms = await lookOnce(() => readVms(api, names.host))
  const flag = textOf(vms?.find(({uuid}) => uuid === names.vm)?.config.vm_flag)
  return flag === goals[action] ? flag : undefined
}

/**
 * Does something to the power of a VM. It is sent although it was in that state already: the panel hears up to a minute
 * late of what the hypervisor or the guest did (3.5).
 * @returns why nothing changes, where that is known
 * @throws PanelctlError NOT_FOUND, REJECTED where another VM might be hit (trap 27), and as the panel answers
 */
export async function changePower(
  client: Client,
  names: VmNames,
  {
    action,
    force,
    isWaitedFor,
  }: {readonly action: PowerAction; readonly force: boolean; readonly isWaitedFor: boolean},
): Promise<string | undefined> {
  // The newest says that it stops also a VM that there is not (2.3 no. 22).
  const place = await readVmsOfHost(client.call, names.host)
  requireVm(place, names.vm)
  refuseDisabled(place)
  refuseMistakable(place, names.vm, {force})
  const was = await alreadyIn(client.call, place, names, action)
  const send = () => client.call(powerVm, {path: names, body: {action}})
  const {failure} = await sendOnce(() =>
    isReset(action) && isVmware(place) ? unlessVersion(client, 'resetOnVmware', send) : send(),
  )
  if (failure) throw askingHypervisor(failure, names.host, names)
  const what = `${names.vm} on ${names.host}`
  if (was !== undefined) return `${what} was ${was} already`
  // Who waits is told before.
  const mayIgnore = action === 'stop' && !isWaitedFor && isEnabled(place.host) !== null
  return mayIgnore && (await ignoresStop(client, place))
    ? `${what} goes on: ${STOP_IGNORED}; hard_stop does stop it`
    : undefined
}

const STOP_IGNORED = 'this version of OpenIDCS says yes to a stop on VMware hosts, and does nothing'

/** @throws PanelctlError as `readListedVm`, without a guess at names: this VM was there, and another one is not to be stopped in its place */
async function readKnownVm(api: Api, {host, vm}: VmNames): Promise<Vm> {
  try {
    return await readListedVm(api, host, vm)
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'NOT_FOUND') throw error
    throw reworded(error, {hint: panelctl('openidcs vm list', [host])})
  }
}

/** The last report of a VM's agent: as old as it is, so that only another one says how things are now. */
function reportOf({status}: Vm): string {
  return JSON.stringify(latestOf(status) ?? null)
}

interface Expectation {
  readonly reached: readonly string[]
  /** The report of before. */
  readonly before: string | undefined
  /** It is in such a state already, and that counts only once another one was seen. */
  readonly leaves?: boolean
}

function waitingFor(
  api: Api,
  {host, vm}: VmNames,
  {reached, before, leaves = false}: Expectation,
): Waiting<Vm> {
  let hasLeft = !leaves
  return {
    goal: `${vm} to be ${reached[0]}`,
    lookWith: panelctl('openidcs vm show', [host, vm]),
    async look() {
      const thing = await readKnownVm(api, {host, vm})
      const word = powerOf(thing) ?? 'in a state that nobody told'
      // The flag of newer versions is of now (3.5).
      const isNews = textOf(thing.config.vm_flag) !== null || reportOf(thing) !== before
      if (!reached.includes(word)) hasLeft = true
      if (isNews && hasLeft && reached.includes(word)) return {thing, state: 'reached', word}
      return {thing, state: isNews && word === 'CRASHED' ? 'failed' : 'pending', word}
    },
  }
}

/** Whether the panel says yes to `stop` and does nothing: the newest, on VMware hosts (2.3 no. 22). */
async function ignoresStop(client: Client, place: VmsOfHost): Promise<boolean> {
  if (!isVmware(place)) return false
  try {
    return (await versionOf(client)) === 'newest'
  } catch (error) {
    if (error instanceof PanelctlError) return false
    throw error
  }
}

/**
 * What is waited for after an action.
 * @throws PanelctlError REJECTED (untold) where nothing was ever told of this VM's power, which is so on the seed's server, and where
 * its end would never be told
 */
export async function powerWaiting(
  client: Client,
  names: VmNames,
  {action, warn}: {readonly action: PowerAction; warn(text: string): void},
): Promise<Waiting<Vm>> {
  const {host, vm: name} = names
  const vm = await readListedVm(client.call, host, name)
  const before = powerOf(vm)
  if (before === null) throw await untold(client, `tells no power state of ${name}`)
  const goal = goals[action]
  const isTold = textOf(vm.config.vm_flag) !== null
  if (!isTold && goal !== 'STARTED') {
    // What the agent alone tells is never told of a VM that does not run (3.4).
    throw await untold(
      client,
      `knows the power of ${name} from its agent only, which never says that it is ${goal}`,
    )
  }
  const place = action === 'pause' || action === 'stop' ? await readVmsOfHost(client.call, host) : undefined
  const isIgnored =
    action === 'stop' && before !== goal && place !== undefined && (await ignoresStop(client, place))
  if (isIgnored) warn(STOP_IGNORED)
  // What VMware calls paused is UNKNOWN to the panel; before it knows, it says ON_SAVE (3.5).
  const isPausedOnVmware = action === 'pause' && place !== undefined && isVmware(place)
  return {
    ...waitingFor(client.call, names, {
      reached: isPausedOnVmware ? [goal, 'UNKNOWN'] : [goal],
      before: reportOf(vm),
      // The newest says ON_STOP from the answer on, for 3 s at least (3.5). Where another version kept STARTED there
      // would be nothing to tell that it was reset, and waiting runs out.
      leaves: isReset(action) && isTold && before === goal,
    }),
    instead: isIgnored
      ? panelctl('openidcs vm power', [host, name, 'hard_stop'], {flags: {yes: true}})
      : undefined,
  }
}

/**
 * What is waited for after a creation: versions that tell the power also turn a new VM on (2.3 no. 19).
 * @throws PanelctlError REJECTED (untold) where the version does not
 */
export async function creationWaiting(client: Client, host: string): Promise<Waiting<Vm>> {
  const vms = await readVms(client.call, host)
  const tells =
    vms.some(({config}) => textOf(config.vm_flag) !== null) ||
    ['v05', 'newest'].includes(await versionOf(client))
  if (!tells) throw await untold(client, 'tells no power state of a new virtual machine')
  return {
    goal: `it to be ${goals.start}`,
    lookWith: panelctl('openidcs vm list', [host]),
    look: accepted =>
      waitingFor(client.call, {host, vm: accepted.uuid}, {reached: [goals.start], before: undefined}).look(
        accepted,
      ),
  }
}

/** What is waited for after a deletion: each version tells which VMs there are. */
export function removalWaiting(api: Api, names: VmNames): Waiting<Vm | null> {
  return {
    goal: `${names.vm} to be gone`,
    lookWith: panelctl('openidcs vm list', [names.host]),
    async look() {
      const vm = (await readVms(api, names.host)).find(({uuid}) => uuid === names.vm)
      return vm
        ? {thing: vm, state: 'pending', word: 'still there'}
        : {thing: null, state: 'reached', word: 'gone'}
    },
  }
}
