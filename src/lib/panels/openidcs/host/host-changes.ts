import {PanelctlError, reworded, usageError} from '../../../errors.js'
import type {Given} from '../../../flags/given.js'
import {type Hint, panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import type {Unneeded} from '../../../outcome.js'
import {differencesOf} from '../../../output/difference.js'
import {compare, notAsSent, only, warnOfDeviations} from '../comparison.js'
import {type Configuration, givenFields, merged, refuseContradiction} from '../configuration.js'
import {createHost, showHost, updateHost} from '../endpoints.js'
import {hostFields} from '../fields.js'
import {textOf} from '../loose-values.js'
import {refuseUnseen} from '../names.js'
import {sendChanged} from '../planned-changes.js'
import type {HostDetail} from '../schemas.js'
import {ifThere, settle} from '../settle.js'
import {type NamedEngine, readEngines} from '../system/system.js'
import {actOnHost, readHost} from './hosts.js'

/** A configuration of a host; what `host show` and `host list` print is taken too. */
const hostShape = {
  fields: hostFields,
  besides: [
    'name',
    'type',
    'addr',
    'vm_count',
    'vms_count',
    'vm_list',
    'last_updated',
    'status',
    'status_note',
    'status_source',
    'status_error',
    'server_name',
    'server_type',
    'server_addr',
    'server_area',
    'enable_host',
  ],
}

/** Of the first versions, which list types that they cannot run and fall over them (contracts/openidcs.md 2.2 no. 12). */
function refuseUnrunnable(type: string, engines: readonly NamedEngine[]): void {
  if (engines.find(({name}) => name === type)?.enabled !== false) return
  throw new PanelctlError('REJECTED', `this version of OpenIDCS knows hosts of type ${type}, but runs none`, {
    hint: `it runs: ${engines
      .filter(({enabled}) => enabled !== false)
      .map(({name}) => name)
      .join(', ')}`,
    panel: 'openidcs',
  })
}

async function whyRefused(
  api: Api,
  name: string,
  type: string,
  engines: readonly NamedEngine[],
): Promise<{readonly message?: string; readonly hint: Hint; readonly reason?: 'exists'} | undefined> {
  const isTaken = await api(showHost, {path: {host: name}, query: {}}).then(
    () => true,
    () => false,
  )
  if (isTaken) {
    // Also for a run that takes this for done, and has it said as a note.
    const hint = panelctl('openidcs host show', [name])
    return {message: `there is a host "${name}" already`, hint, reason: 'exists'}
  }
  if (engines.some(engine => engine.name === type)) return undefined
  const types = engines.map(engine => engine.name).join(', ')
  return {hint: `is ${type} a type of host? those that the panel lists: ${types}`}
}

interface PlannedChange {
  readonly before: Configuration
  readonly after: Configuration
  /** The names of the fields that a person gave. */
  readonly given: readonly string[]
}

interface Sending {
  send(): Promise<null>
  /** It adds the host. */
  readonly adds: boolean
  warn(text: string): void
}

/**
 * Sends a configuration, and looks once: in doubt that tells whether it was done, and else what was left out of it.
 * @throws PanelctlError UNCERTAIN also where the panel says yes, and has no such host or not the whole change
 */
async function sendConfiguration(
  api: Api,
  name: string,
  {before, after, given}: PlannedChange,
  {send, adds, warn}: Sending,
): Promise<void> {
  type Seen = HostDetail | null
  const outcomeOf = (host: Seen, failure?: PanelctlError) =>
    compare(failure ? after : only(given, after), {before, found: host?.config ?? {}})
  const {seen} = await settle({
    claim: `${adds ? 'added' : 'changed'} ${name}`,
    send,
    look: () => ifThere(() => api(showHost, {path: {host: name}, query: {}})),
    isDone(host: Seen, failure) {
      const {taken, lost} = outcomeOf(host, failure)
      return host !== null && (failure ? taken.length > 0 && lost.length === 0 : adds || lost.length === 0)
    },
    done: 'it is as it was sent',
    otherwise(host, failure) {
      if (host === null) return 'it has no such host'
      const {lost} = outcomeOf(host, failure)
      return lost.length === 0 ? 'it is shown as it was' : notAsSent(lost)
    },
    lookWith: adds ? panelctl('openidcs host list') : panelctl('openidcs host show', [name]),
    warn,
  })
  if (seen) warnOfDeviations(outcomeOf(seen), warn)
}

export interface HostToCreate {
  readonly name: string
  readonly type: string
  readonly given: Given
  /** Leaves one that is there as it is. */
  readonly skips: boolean
  warn(text: string): void
}

/** A host as its commands name it. */
export interface NamedHost {
  readonly name: string
}

/**
 * Adds a host. It is enabled unless something else is given: newer versions would leave it disabled, and the seed's
 * server knows no disabled ones (2.2 no. 12).
 * @throws PanelctlError USAGE for what no configuration holds, REJECTED as the panel refuses
 */
export async function addHost(
  api: Api,
  {name, type, given, skips, warn}: HostToCreate,
): Promise<NamedHost | Unneeded<NamedHost>> {
  refuseUnseen(name)
  const assignments = [
    {where: 'NAME', path: ['server_name'], value: name},
    {where: '--type', path: ['server_type'], value: type},
    ...given.assignments,
  ]
  refuseContradiction({...given, assignments}, 'server_name')
  refuseContradiction({...given, assignments}, 'server_type')
  const fields = givenFields(hostShape, given, {})
  // The seed's server keeps the name that it is told here, and loses the host at a restart without one (2.2 no. 12).
  const config = merged({}, {enable_host: true, ...fields, server_name: name, server_type: type})
  const engines = await readEngines(api)
  refuseUnrunnable(type, engines)
  try {
    // c5ee1c9 adds it and fails all the same where it can start VMware's own service (8).
    const plan = {before: {}, after: config, given: Object.keys(fields)}
    await sendConfiguration(api, name, plan, {
      send: () => api(createHost, {body: {name, type, config}}),
      adds: true,
      warn,
    })
    return {name}
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'REJECTED') throw error
    const why = await whyRefused(api, name, type, engines)
    if (skips && why?.reason === 'exists') return {result: {name}, unneeded: why.message ?? error.message}
    throw why ? reworded(error, why) : error
  }
}

export interface HostChange {
  readonly given: Given
  /** Sends what is given and nothing else, so that the rest goes back to its defaults. */
  readonly replace: boolean
  warn(text: string): void
}

async function planned(
  api: Api,
  name: string,
  {given: {document, assignments}, replace}: HostChange,
): Promise<PlannedChange> {
  if (document === undefined && assignments.length === 0)
    throw usageError('nothing is given that is to be changed', 'give --file FILE or --set NAME=VALUE')
  const host = await readHost(api, name)
  const before = merged(host.config, {})
  const fields = givenFields(hostShape, {document, assignments}, replace ? {} : host.config)
  const {server_name} = fields
  if (server_name !== undefined && server_name !== name) {
    throw usageError(
      `server_name is "${String(server_name)}", and the host is ${name}: hosts cannot be renamed`,
      'is it the right file? leave out server_name, or give the one that the host has',
    )
  }
  // Without the one nothing works, and without the other the seed's server loses the host (2.2 no. 12 and 13).
  const always = {server_type: textOf(before.server_type) ?? textOf(host.type), server_name: name}
  const after = merged(replace ? {} : host.config, {...always, ...fields})
  return {before, after, given: Object.keys(fields)}
}

/**
 * Changes the configuration of a host: read, merged and written as a whole, as the panel replaces all of it (trap 8).
 * Nothing is sent where nothing was to be changed; where the answer is lost, one look tells whether it was done.
 * @throws PanelctlError USAGE for what no configuration holds, NOT_FOUND, REJECTED as the panel refuses
 * @throws DryRun with the difference besides the request
 */
export async function changeHost(api: Api, name: string, change: HostChange): Promise<Unneeded<null> | null> {
  const plan = await planned(api, name, change)
  if (differencesOf(plan.before, plan.after).length === 0) {
    return {result: null, unneeded: `${name} is as it is to be: nothing was sent`}
  }
  const send = () => api(updateHost, {path: {host: name}, body: {config: plan.after}})
  await actOnHost(api, name, () =>
    sendConfiguration(api, name, plan, {
      send: () => sendChanged(send, plan),
      adds: false,
      warn: change.warn,
    }),
  )
  return null
}
