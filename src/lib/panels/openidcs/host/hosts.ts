import {PanelctlError, reworded} from '../../../errors.js'
import {panelctl} from '../../../hint.js'
import type {Api, Client} from '../../../http/client.js'
import {didYouMean} from '../../../nearest-names.js'
import type {Unneeded, Waiting} from '../../../outcome.js'
import {compareNatural} from '../../../output/natural.js'
import {deleteHost, listHosts, powerHost, showHost, showHostStatus} from '../endpoints.js'
import type {Host, HostDetail, HostStatus} from '../schemas.js'
import {ifThere, settle} from '../settle.js'
import {untold} from '../versions.js'

/** The hosts by name: the panel gives an object, whose order says nothing (contracts/openidcs.md 1.1, trap 12). */
export async function readHosts(api: Api): Promise<Host[]> {
  return Object.values(await api(listHosts, {})).toSorted((one, other) =>
    compareNatural(one.name, other.name),
  )
}

/**
 * One host.
 * @throws PanelctlError NOT_FOUND with the nearest names
 */
export async function readHost(
  api: Api,
  name: string,
  {status = false, reason}: {status?: boolean; reason?: 'missing'} = {},
): Promise<HostDetail> {
  try {
    return await api(showHost, {path: {host: name}, query: status ? {status: 'true'} : {}})
  } catch (error) {
    if (!(error instanceof PanelctlError) || error.code !== 'NOT_FOUND') throw error
    const hosts = await readHosts(api).catch(() => [])
    const names = hosts.map(host => host.name)
    throw reworded(error, {
      message: `there is no host "${name}"`,
      hint: didYouMean(name, names, panelctl('openidcs host list')),
      reason,
    })
  }
}

/**
 * Does something to a host. Where the panel refuses it, one look decides what for: an unknown host is refused like
 * anything else (trap 14).
 * @throws PanelctlError NOT_FOUND for an unknown host, else as `act`
 */
export async function actOnHost<Result>(api: Api, name: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    const isRefused = error instanceof PanelctlError && ['REJECTED', 'NOT_FOUND'].includes(error.code)
    if (isRefused) await readHost(api, name)
    throw error
  }
}

const sensorHint =
  'versions of December 2025 measure only machines with the sensor coretemp; newer ones do without'

/**
 * What the machine of a host is doing. Newer versions measure nothing by themselves at first, and are asked to: the
 * seed's server measures whenever it has nothing (2.2 no. 16, 2.7 no. 18).
 */
export async function readHostStatus(api: Api, host: string, refresh: boolean): Promise<HostStatus> {
  const path = {host}
  const measured = () => api(showHostStatus, {path, query: {refresh: 'true'}})
  try {
    return await actOnHost(api, host, async () => {
      if (refresh) return await measured()
      const status = await api(showHostStatus, {path, query: {}})
      return status.source === 'no_data' ? await measured() : status
    })
  } catch (error) {
    // The name of the sensor is no text that anybody translates (2.2 no. 16).
    const isSensor =
      error instanceof PanelctlError && error.hint === undefined && /'coretemp'/.test(error.message)
    throw isSensor ? reworded(error, {hint: sensorHint}) : error
  }
}

/** Whether it is enabled, where the version tells: the seed's server says `active` of every host (2.2 no. 10). */
export function isEnabled({config, ...host}: Host | HostDetail): boolean | null {
  const value = host.enable_host ?? config.enable_host
  return typeof value === 'boolean' ? value : null
}

interface SwitchOptions {
  /** Enables it, or else disables it. */
  readonly enable: boolean
  /** Leaves it to whoever waits for it to see that it is so. */
  readonly isWaitedFor: boolean
  warn(text: string): void
}

/**
 * Enables or disables a host: its machine stays as it is. Nothing is sent where the panel says that it is so already.
 * @throws PanelctlError NOT_FOUND, else as `settle`
 */
export async function switchHost(
  api: Api,
  name: string,
  {enable, isWaitedFor, warn}: SwitchOptions,
): Promise<Unneeded<null> | null> {
  const state = enable ? 'enabled' : 'disabled'
  const was = isEnabled(await readHost(api, name))
  if (was === enable) {
    return {result: null, unneeded: `${name} is ${state} already: nothing was sent`}
  }
  await settle({
    claim: `${state} ${name}`,
    send: () => api(powerHost, {path: {host: name}, body: {enable}}),
    look: async () => isEnabled(await readHost(api, name)),
    isDone: enabled => enabled === enable || (enabled === null || isWaitedFor ? undefined : false),
    done: `it is ${state} now`,
    otherwise: () => 'it is shown as it was',
    lookWith: panelctl('openidcs host show', [name]),
    warn,
  })
  // The seed's server ends vmrest where it had started that, and lists and obeys as before (2.2 no. 15).
  if (was === null && !enable)
    warn(`this version of OpenIDCS knows no disabled hosts: it goes on to take what is asked of ${name}`)
  return null
}

/**
 * What is waited for after `switchHost`.
 * @throws PanelctlError REJECTED (untold) where the version knows no disabled hosts, NOT_FOUND
 */
export async function switchWaiting(
  client: Client,
  name: string,
  enable: boolean,
): Promise<Waiting<HostDetail>> {
  const state = (enabled: boolean | null) => (enabled ? 'enabled' : 'disabled')
  const api = client.call
  if (isEnabled(await readHost(api, name)) === null) {
    throw await untold(client, `does not tell whether ${name} is enabled`)
  }
  return {
    goal: `${name} to be ${state(enable)}`,
    lookWith: panelctl('openidcs host show', [name]),
    async look() {
      const thing = await readHost(api, name)
      const enabled = isEnabled(thing)
      return {thing, state: enabled === enable ? 'reached' : 'pending', word: state(enabled)}
    },
  }
}

/**
 * Takes a host out of the panel, with one request.
 * @throws PanelctlError as `settle`
 */
export async function removeHost(
  api: Api,
  name: string,
  warn: (text: string) => void,
): Promise<{readonly name: string}> {
  await settle({
    claim: `deleted ${name}`,
    send: () => api(deleteHost, {path: {host: name}}),
    look: () => ifThere(() => api(showHost, {path: {host: name}, query: {}})),
    isDone: host => host === null,
    done: `the panel does not have ${name} any more`,
    otherwise: () => `it still has ${name}`,
    lookWith: panelctl('openidcs host list'),
    warn,
  })
  return {name}
}
