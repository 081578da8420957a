import {isDeepStrictEqual} from 'node:util'
import {mayHaveBeenDone, PanelctlError, reworded, usageError} from '../../../errors.js'
import {hint, type PanelctlCommand, panelctl} from '../../../hint.js'
import type {Client} from '../../../http/client.js'
import {DryRun} from '../../../http/dry-run.js'
import {isSecretName, redactBody} from '../../../http/redact.js'
import {MASK} from '../../../mask.js'
import {differencesOf} from '../../../output/difference.js'
import {type Configuration, type Given, givenFields, merged} from '../configuration.js'
import {showVm, updateVm} from '../endpoints.js'
import {fieldsOf} from '../loose-values.js'
import {isVmware, readPlace, refuseMistakable, requireVm, withImageFile} from '../places.js'
import type {Vm} from '../schemas.js'
import {asUncertain} from '../settle.js'
import {unlessVersion, versionOf} from '../versions.js'
import {lostFields} from './deviations.js'
import type {ChangeOptions} from './vm-create.js'
import {vmShape} from './vm-input.js'
import type {VmNames} from './vm-power.js'

/** What the panel makes anew at each update, whatever it was sent (contracts/openidcs.md 2.3 no. 20, 3.5). */
const madeByPanel = new Set(['vm_flag', 'vc_port', 'mac_addr'])

/** Whether what the panel has holds what it was sent; it may hold more, and fills in what was empty. */
function holds(found: unknown, sent: unknown): boolean {
  if (sent === '' || isDeepStrictEqual(found, sent)) return true
  if (Array.isArray(sent)) {
    return (
      Array.isArray(found) && found.length === sent.length && sent.every((one, i) => holds(found[i], one))
    )
  }
  if (typeof sent === 'object' && sent !== null) {
    const inside = fieldsOf(found)
    return Object.entries(sent).every(([name, one]) => madeByPanel.has(name) || holds(inside[name], one))
  }
  // Types are as they come (trap 11).
  return (typeof found === 'string' || typeof found === 'number') && String(found) === String(sent)
}

/** The fields that the panel lost: also one that was not to be changed may go where an update fails in the middle. */
function missingFrom(found: Configuration, sent: Configuration): string[] {
  return Object.entries(sent)
    .filter(([name, value]) => {
      if (madeByPanel.has(name) || holds(found[name], value)) return false
      // What this version does not know it cannot keep.
      return (found[name] ?? null) !== null
    })
    .map(([name]) => name)
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

/** The request, and what it changes: passwords are not shown. */
function planOf(plan: DryRun, before: Configuration, after: Configuration): DryRun {
  const changes = differencesOf(before, after).map(({field, from, to}) => {
    const isSecret = isSecretName(field.split('.').at(-1) ?? '')
    const shown = (value: unknown) =>
      value === undefined ? null : isSecret && value !== '' ? MASK : redactBody(value)
    return {field, from: shown(from), to: shown(to)}
  })
  return new DryRun(plan.request, {...plan.request, changes})
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
): Promise<Vm | {readonly result: Vm; readonly unneeded: string}> {
  if (given.assignments.some(({path}) => path[0] === 'vm_flag')) throw powerNotSet(names)
  const read = () => client.call(showVm, {path: names})
  const place = await readPlace(client.call, names.host)
  requireVm(place, names.vm)
  refuseMistakable(place, names.vm, {force})
  const shown = await read()
  const {config: current} = shown
  const changes = withImageFile(givenFields(vmShape, given, current), place)
  refuseRenaming(changes, names)
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
  try {
    await client.call(updateVm, {path: names, body})
  } catch (error) {
    if (error instanceof DryRun) throw planOf(error, before, body)
    if (!(error instanceof PanelctlError)) throw error
    return afterFailure(error)
  }
  return afterSuccess()

  /** The fields that are not as they were asked for; what this version does not know is only said. */
  function lostFrom(found: Vm): readonly string[] {
    // The path names the VM; a body does not (2.3 no. 20).
    const compared = wanted.filter(name => name !== 'vm_uuid')
    return lostFields(body, {current, found: found.config, wanted: compared}, warn)
  }

  /** The VM as it is now: the panel says yes also where a change did not take. */
  async function afterSuccess(): Promise<Vm> {
    const accepted = `the update of ${names.vm} was accepted, and it is stopped and started for it`
    const uncertain = (reason: string, cause?: PanelctlError) =>
      new PanelctlError('UNCERTAIN', `${accepted}, but ${reason}`, {
        hint: lookHint(),
        panel: 'openidcs',
        status: cause?.status,
        cause,
      })
    let found: Vm
    try {
      found = await read()
    } catch (error) {
      // Its own code (3, 6 or 10) would say that nothing was done.
      throw error instanceof PanelctlError ? uncertain(`cannot be looked at: ${error.message}`, error) : error
    }
    const lost = lostFrom(found)
    if (lost.length > 0) throw uncertain(`these fields are not as they were sent: ${lost.join(', ')}`)
    return found
  }

  /** Gives the VM where it was done in spite of the failure. */
  async function afterFailure(error: PanelctlError): Promise<Vm> {
    // Of an HTTP 500 and of an answer that nobody can read it is known that the panel has come to an end.
    const isAnswered = mayHaveBeenDone(error) && (error.code !== 'UNCERTAIN' || error.status === 500)
    if (!isAnswered && error.code !== 'REJECTED') throw error
    const found = await read().catch(() => undefined)
    if (error.code === 'REJECTED') {
      if (!found) throw error
      // The newest writes it down before it finds that it cannot reach the hypervisor (2.3 no. 20).
      const isChanged = wanted.some(
        name => !holds(current[name], body[name]) && holds(found.config[name], body[name]),
      )
      if (!isChanged) throw error
      throw reworded(error, {
        message: `${error.message}; its configuration was changed all the same`,
        hint: lookHint(),
      })
    }
    const doubt = asUncertain(error, lookHint())
    if (!found) throw doubt
    const changes = lostFrom(found)
    const others = missingFrom(found.config, body).filter(
      name => !changes.some(field => field === name || field.startsWith(`${name}.`)),
    )
    const lost = [...changes, ...others]
    if (lost.length > 0) {
      const failed = reworded(doubt, {
        message: `${doubt.message}; these fields are not as they were sent: ${lost.join(', ')}`,
        hint: lookHint(),
      })
      if (!isVmware(place)) throw failed
      await unlessVersion(client, 'updateOnVmware', () => Promise.reject(failed))
    }
    // The newest fails after all is done; older ones in the middle, with the VM off (2.3 no. 20).
    const version = await versionOf(client).catch(() => undefined)
    if (version === 'newest' || version === 'v05') return found
    throw reworded(doubt, {
      message: `${doubt.message}; its configuration is as it was sent, but it may have been left powered off`,
      hint: hint`${panelctl('openidcs vm power', [names.host, names.vm])} start`,
    })
  }

  function lookHint(): PanelctlCommand {
    return panelctl('openidcs vm show', [names.host, names.vm])
  }
}
