import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {PanelctlError} from '../errors.js'
import {type Environment, variable} from './environment.js'
import type {ConfigPlace} from './place.js'

const service = 'panelctl'
const callLimit = 3000
const advice = 'cron and SSH sessions cannot read the keychain: log in again with --store file'

type Keytar = typeof import('keytar')

/** The system keychain's entries of panelctl, by account name. Each call throws AUTH after 3 s. */
export interface Keychain {
  get(account: string): Promise<string | null>
  set(account: string, password: string): Promise<void>
  /** False when there was no such entry. */
  delete(account: string): Promise<boolean>
}

let hungCalls = 0

/**
 * Whether a keychain call is still hanging after its 3 s. It cannot be cancelled and keeps Node alive,
 * so a caller that has printed everything must then end the process with `process.exit`.
 */
export function keychainHung(): boolean {
  return hungCalls > 0
}

/**
 * The keychain, with keytar loaded only now: it is an optional dependency and native. Throws AUTH with
 * what to do instead when there is no session bus to reach it (Linux) or keytar cannot be loaded.
 */
export async function openKeychain({
  env,
  platform,
}: Pick<ConfigPlace, 'env' | 'platform'>): Promise<Keychain> {
  if ((platform ?? process.platform) === 'linux' && !(await hasSessionBus(env)))
    throw unreachable('there is no session bus')
  const keytar = await loadKeytar()
  return {
    get: account => limited(() => keytar.getPassword(service, account)),
    set: (account, password) => limited(() => keytar.setPassword(service, account, password)),
    delete: account => limited(() => keytar.deletePassword(service, account)),
  }
}

/** Without one, libsecret waits for a bus that will never come; keytar then hangs. */
async function hasSessionBus(env: Environment): Promise<boolean> {
  if (variable(env, 'DBUS_SESSION_BUS_ADDRESS') !== undefined) return true
  const runtime = variable(env, 'XDG_RUNTIME_DIR')
  if (runtime === undefined) return false
  try {
    await access(join(runtime, 'bus'))
    return true
  } catch {
    return false
  }
}

async function loadKeytar(): Promise<Keytar> {
  try {
    return (await import('keytar')).default
  } catch (error) {
    throw unreachable('keytar is not installed here, or lacks a system library (libsecret)', error)
  }
}

async function limited<T>(call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const late = new Promise<never>((_, reject) => {
    // not unref'd: a call that holds nothing open would let Node end in the middle of the command
    timer = setTimeout(() => {
      isLate = true
      hungCalls++
      reject(unreachable('it did not answer within 3 s'))
    }, callLimit)
  })
  const answer = call().finally(() => {
    if (isLate) hungCalls--
  })
  try {
    return await Promise.race([answer, late])
  } catch (error) {
    if (error instanceof PanelctlError) throw error
    throw unreachable(error instanceof Error ? error.message : String(error), error)
  } finally {
    clearTimeout(timer)
  }
}

function unreachable(reason: string, cause?: unknown): PanelctlError {
  return new PanelctlError('AUTH', `the keychain cannot be used: ${reason}`, {hint: advice, cause})
}
