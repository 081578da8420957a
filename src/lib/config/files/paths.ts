import {homedir, userInfo} from 'node:os'
import {posix, win32} from 'node:path'
import {usageError} from '../../errors.js'
import {type Environment, refuseQuotation, variable} from '../environment.js'

export interface ConfigPaths {
  /** `config.yaml` and `credentials.yaml`. */
  readonly configDir: string
  /** What an interrupted command needs to go on: the machine's for root, who has no home in cloud-init. */
  readonly stateDir: string
  /** What is worth keeping for a minute. */
  readonly cacheDir: string
}

/**
 * Where panelctl keeps its files: `PANELCTL_CONFIG_DIR` and `PANELCTL_STATE_DIR`, else XDG, LOCALAPPDATA or the home
 * folder; for root, what an interrupted command needs is in `/var/lib/panelctl`. The code cache, which is read before
 * anything is loaded, has its folder in `bin/code-cache.js`.
 * Each path is worked out when it is read, because a container may have no home folder at all and a
 * command that lives on its environment must not notice: only then USAGE is thrown.
 */
export function configPaths(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  userId: number | undefined = process.geteuid?.(),
): ConfigPaths {
  const {isAbsolute, join} = platform === 'win32' ? win32 : posix
  const folder = (name: 'CONFIG' | 'STATE' | 'CACHE', onWindows: string[], inHome: string[]): string => {
    const own = `PANELCTL_${name}_DIR`
    const stated = variable(env, own)
    if (stated !== undefined) {
      refuseQuotation(stated, own)
      return stated
    }
    if (name === 'STATE' && userId === 0) return '/var/lib/panelctl'
    const xdg = variable(env, `XDG_${name}_HOME`)
    // A relative one is to be ignored (XDG Base Directory Specification): where it leads depends on where one stands.
    if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'panelctl')
    const local = platform === 'win32' ? variable(env, 'LOCALAPPDATA') : undefined
    if (local !== undefined) return join(local, 'panelctl', ...onWindows)
    const home =
      variable(env, 'HOME') ??
      (platform === 'win32' ? variable(env, 'USERPROFILE') : undefined) ??
      accountHome()
    if (home !== undefined) return join(home, ...inHome, 'panelctl')
    throw usageError('no home folder: HOME is not set and this user has none', `set ${own}`)
  }
  return {
    get configDir() {
      return folder('CONFIG', [], ['.config'])
    },
    get stateDir() {
      return folder('STATE', ['state'], ['.local', 'state'])
    },
    get cacheDir() {
      return folder('CACHE', ['cache'], ['.cache'])
    },
  }
}

/** The home folder of the account that runs this, where it has one. */
export function accountHome(): string | undefined {
  try {
    // The first is HOME, also where that is empty.
    return homedir() || userInfo().homedir || undefined
  } catch {
    // a container started with a user id that no account has (`docker run -u 12345`)
    return undefined
  }
}
