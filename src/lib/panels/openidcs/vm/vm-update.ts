import {isDeepStrictEqual} from 'node:util'
import {PanelctlError, reworded, usageError} from '../../../errors.js'
import type {Given} from '../../../flags/given.js'
import {hint, panelctl} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import type {Unneeded} from '../../../outcome.js'
import {compare, isEmpty, notAsSent, only, warnOfUnknown} from '../comparison.js'
import {type Configuration, givenFields, merged} from '../configuration.js'
import {showVm, updateVm} from '../endpoints.js'
import {isEnabled} from '../host/hosts.js'
import {askingHypervisor} from '../hypervisor-hint.js'
import type {VmNames} from '../machine-arguments.js'
import {sendChanged} from '../planned-changes.js'
import type {Vm} from '../schemas.js'
import {isAnswered, settle} from '../settle.js'
import {unlessVersion, versionOf} from '../versions.js'
import {
  imageOf,
  imagesHint,
  isVmware,
  readVmsOfHost,
  refuseMistakable,
  requireVm,
  type VmsOfHost,
  withImageFile,
} from '../vms-of-host.js'
import {warnOfShared} from './shared-addresses.js'
import type {ChangeOptions} from './vm-create.js'
import {vmShape} from './vm-input.js'

/** What the panel makes anew at each update, whatever it was sent (contracts/openidcs.md 2.3 no. 20, 3.5). */
const madeByPanel = new Set(['vm_flag', 'vc_port', 'mac_addr'])

/** What the panel lost of all that it was sent: where an update fails in the middle, also what was not to be changed. */
function lostFrom(found: Configuration, body: Configuration): string[] {
  // The panel fills in what is empty.
  const said = Object.keys(body).filter(name => !isEmpty(body[name]))
  const {lost} = compare(only(said, body), {before: {}, found})
  return lost.filter(field => !madeByPanel.has(field.split('.').at(-1) ?? ''))
}

/** The panel keeps the name (2.3 no. 20); a file of another VM would give this one its addresses and its password. */
function refuseRenaming({vm_uuid: name}: Configuration, {vm}: VmNames): void {
  if (name === undefined || name === '' || name === vm) return
  throw usageError(
    `what was given is of "${String(name)}", not of "${vm}"`,
    'leave vm_uuid out: a name cannot be changed',
  )
}

/** What a shown VM has of it is passed over: it is a state, and no part of what is written (3.5). */
function powerNotSet({host, vm}: VmNames): PanelctlError {
  return usageError(
    'vm_flag cannot be set: it is the power state as the panel sees it',
    hint`${panelctl('openidcs vm power', [host, vm])} start`,
  )
}

/**
 * Newer versions take the disk away before they look for the image that it is to be made of anew (5.2, trap 34).
 * @throws PanelctlError REJECTED
 */
function refuseNoImage(
  place: VmsOfHost,
  {host, vm}: VmNames,
  {from, to}: {readonly from: unknown; readonly to: unknown},
): void {
  const isSo = to === undefined || to === from || imageOf(place, to) !== undefined
  if (isSo || isEnabled(place.host) === null) return
  throw new PanelctlError(
    'REJECTED',
    `${host} has no image "${String(to)}", and the panel would delete the disk of ${vm} all the same; nothing was sent`,
    {hint: imagesHint(host), panel: 'openidcs'},
  )
}

export interface UpdateOptions extends ChangeOptions {
  readonly given: Given
  /** Shows the request also where nothing changes. */
  readonly dryRun: boolean
}

/**
 * Changes a VM: reads its configuration, puts on top what was given, and writes all of it, as the panel replaces the
 * whole (trap 8). Gives it as the panel then has it, and a word where nothing had to be sent.
 * @throws PanelctlError NOT_FOUND, USAGE, REJECTED, UNCERTAIN where it cannot be told whether all of it was done
 */
export async function updateMachine(
  client: Client,
  names: VmNames,
  {given, force, warn, dryRun}: UpdateOptions,
): Promise<Vm | Unneeded<Vm>> {
  if (given.assignments.some(({path}) => path[0] === 'vm_flag')) throw powerNotSet(names)
  const read = () => client.call(showVm, {path: names})
  const place = await readVmsOfHost(client.call, names.host)
  requireVm(place, names.vm)
  refuseMistakable(place, names.vm, {force})
  const shown = await read()
  const {config: current} = shown
  const changes = withImageFile(givenFields(vmShape, given, current), place)
  refuseRenaming(changes, names)
  refuseNoImage(place, names, {from: current.os_name, to: changes.os_name})
  // An imported VM has no name in its configuration (trap 10); its state is not a part of it (3.5).
  const {vm_flag: _state, ...before} = merged(current, {})
  const {vm_flag: _given, ...merge} = merged(current, changes)
  const body: Configuration & {readonly vm_uuid: string} = {...merge, vm_uuid: names.vm}
  const wanted = Object.keys(changes).filter(name => name !== 'vm_flag')
  if (wanted.length === 0) {
    if ('vm_flag' in changes) throw powerNotSet(names)
    throw usageError('there is nothing to change', 'say what with flags, --set or --file')
  }
  if (!dryRun && isDeepStrictEqual({...before, vm_uuid: names.vm}, body)) {
    // The panel would stop and start it for nothing.
    return {result: shown, unneeded: `${names.vm} on ${names.host} is so already; nothing was sent`}
  }
  await warnOfShared(client.call, {...names, warn}, {before: current, after: body})
  // The path names the VM; a body does not (2.3 no. 20).
  const asked = only(
    wanted.filter(name => name !== 'vm_uuid'),
    body,
  )
  const outcomeOf = ({config}: Vm) => compare(asked, {before: current, found: config})
  const lostOf = (found: Vm, failure: PanelctlError | undefined) => [
    ...new Set([...outcomeOf(found).lost, ...(failure ? lostFrom(found.config, body) : [])]),
  ]
  const send = () => sendChanged(() => client.call(updateVm, {path: names, body}), {before, after: body})
  const {seen = shown, failure} = await settle({
    claim: `changed ${names.vm}, which it stops and starts for that`,
    send: () => (isVmware(place) ? unlessVersion(client, 'updateOnVmware', send) : send()),
    look: read,
    isDone(found: Vm, failure) {
      // The newest writes it down before it finds that it cannot reach the hypervisor (2.3 no. 20).
      if (failure?.code === 'REJECTED') return outcomeOf(found).taken.length > 0
      return lostOf(found, failure).length === 0
    },
    done: 'its configuration was changed',
    otherwise: (found, failure) => notAsSent(lostOf(found, failure)),
    lookWith: panelctl('openidcs vm show', [names.host, names.vm]),
    // After no answer at all the panel may still be at it; after HTTP 500 it has come to an end.
    looksAfter: failure =>
      !failure || failure.code === 'REJECTED' || isAnswered(failure) || failure.status === 500,
    refused: (failure, isDone) => (isDone ? failure : askingHypervisor(failure, names.host, names)),
    isShown: true,
    // What a failure means that comes after the change is told below.
    warn() {},
  })
  const outcome = outcomeOf(seen)
  warnOfUnknown(outcome, warn)
  // The versions that know no disabled hosts (2.3 no. 20, 5.2).
  if (isEnabled(place.host) === null && ['os_name', 'hdd_num'].some(name => outcome.taken.includes(name)))
    warn('this version of OpenIDCS only writes that down of a disk, which stays as it is')
  if (!failure) return seen
  // The newest fails after all is done; older ones in the middle, with the VM off (2.3 no. 20).
  const version = await versionOf(client).catch(() => undefined)
  if (version === 'newest' || version === 'v05') return seen
  throw reworded(failure, {
    message: `${failure.message}; its configuration is as it was sent, but it may have been left powered off`,
    hint: hint`${panelctl('openidcs vm power', [names.host, names.vm])} start`,
  })
}
