import {access} from 'node:fs/promises'
import {join} from 'node:path'
import {PanelctlError} from '../../errors.js'
import {type Environment, variable} from '../environment.js'
import {callKeytar, type KeytarCall, locateKeytar} from './keytar-process.js'

const service = 'panelctl'
const callLimit = 3000
const locked = 'is it unlocked? cron and SSH sessions cannot read it'

/** The system keychain's entries of panelctl, by account name. Each call throws AUTH after 3 s. */
export interface Keychain {
  get(account: string): Promise<string | undefined>
  set(account: string, password: string): Promise<void>
  /** False when there was no such entry. */
  delete(account: string): Promise<boolean>
}

/** What reaching the keychain depends on; all but the environment is given by tests alone. */
export interface KeychainAccess {
  readonly env: Environment
  readonly platform?: NodeJS.Platform | undefined
  /** Name or path of the module to call. */
  readonly keytar?: string | undefined
  /** How many milliseconds a call may take. */
  readonly keychainLimit?: number | undefined
}

/**
 * The keychain, with keytar looked for only now: who wants it installs it, as it has an install script. Each call starts a process.
 * @throws PanelctlError AUTH when there is no session bus to reach it (Linux) or keytar is not installed
 */
export async function openKeychain({
  env,
  platform = process.platform,
  keytar = 'keytar',
  keychainLimit = callLimit,
}: KeychainAccess): Promise<Keychain> {
  if (platform === 'linux' && !(await hasSessionBus(env)))
    throw unreachable('there is no session bus', 'cron and SSH sessions cannot read the keychain')
  const path = located(keytar)
  const call = async (method: KeytarCall['method'], ...rest: string[]): Promise<unknown> => {
    const given = {method, parameters: [service, ...rest]}
    const answer = await callKeytar(path, given, {env, milliseconds: keychainLimit})
    switch (answer.outcome) {
      case 'value':
        return answer.value
      case 'failed':
        throw unreachable(answer.reason, locked)
      case 'unloadable':
        throw unloadable(answer.reason)
      case 'late':
        throw unreachable(`it did not answer within ${keychainLimit / 1000} s`, locked)
    }
  }
  return {
    get: async account => {
      const password = await call('getPassword', account)
      return typeof password === 'string' ? password : undefined
    },
    set: async (account, password) => {
      await call('setPassword', account, password)
    },
    delete: async account => (await call('deletePassword', account)) === true,
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

function located(keytar: string): string {
  try {
    return locateKeytar(keytar)
  } catch (error) {
    throw unreachable(
      'keytar is not installed',
      'to get it beside panelctl as npm installs it: npm install --global keytar@npm:@github/keytar',
      error,
    )
  }
}

function unloadable(cause: string): PanelctlError {
  return unreachable(
    'keytar cannot be loaded, most often for want of libsecret',
    'to get it: apt-get install libsecret-1-0, or dnf install libsecret',
    cause,
  )
}

/** What is to be done besides, who knows the context adds: its secret can lie in the file. */
function unreachable(reason: string, hint: string, cause?: unknown): PanelctlError {
  return new PanelctlError('AUTH', `the keychain cannot be used: ${reason}`, {hint, cause})
}
