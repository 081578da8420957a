import {homedir} from 'node:os'
import {posix, win32} from 'node:path'
import {usageError} from '../errors.js'
import {type Environment, variable} from './environment.js'

export interface ConfigPaths {
  /** `config.yaml` and `credentials.yaml`. */
  readonly configDir: string
  /** What an interrupted command needs to go on: the machine's for root, who has no home in cloud-init. */
  readonly stateDir: string
  readonly cacheDir: string
}

/**
 * Where panelctl keeps its files: `PANELCTL_CONFIG_DIR`, `PANELCTL_STATE_DIR` and `PANELCTL_CACHE_DIR`,
 * else oclif's rules (`Config.dir` of @oclif/core 4: XDG, LOCALAPPDATA, the home folder), which have no
 * state folder; that one is `/var/lib/panelctl` for root and follows XDG for everybody else.
 * Each path is worked out when it is read, because a container may have no home folder at all and a
 * command that lives on its environment must not notice: only then USAGE is thrown.
 */
export function configPaths(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  userId: number | undefined = process.geteuid?.(),
): ConfigPaths {
  const {isAbsolute, join} = platform === 'win32' ? win32 : posix
  const folder = (xdgVariable: string, onWindows: string[], inHome: string[]): string => {
    const xdg = variable(env, xdgVariable)
    // A relative one is to be ignored (XDG Base Directory Specification): where it leads depends on where one stands.
    if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'panelctl')
    const local = platform === 'win32' ? variable(env, 'LOCALAPPDATA') : undefined
    return local === undefined
      ? join(home(env, platform), ...inHome, 'panelctl')
      : join(local, 'panelctl', ...onWindows)
  }
  return {
    get configDir() {
      return variable(env, 'PANELCTL_CONFIG_DIR') ?? folder('XDG_CONFIG_HOME', [], ['.config'])
    },
    get stateDir() {
      const stated = variable(env, 'PANELCTL_STATE_DIR')
      if (stated !== undefined) return stated
      if (userId === 0) return '/var/lib/panelctl'
      return folder('XDG_STATE_HOME', ['state'], ['.local', 'state'])
    },
    get cacheDir() {
      return variable(env, 'PANELCTL_CACHE_DIR') ?? folder('XDG_CACHE_HOME', ['cache'], ['.cache'])
    },
  }
}

function home(env: Environment, platform: NodeJS.Platform): string {
  const named = variable(env, 'HOME') ?? (platform === 'win32' ? variable(env, 'USERPROFILE') : undefined)
  const folder = named ?? accountHome()
  if (folder !== undefined) return folder
  throw usageError('no home folder: HOME is not set and this user has none', 'set PANELCTL_CONFIG_DIR')
}

function accountHome(): string | undefined {
  try {
    return homedir() || undefined
  } catch {
    // a container started with a user id that no account has (`docker run -u 12345`)
    return undefined
  }
}
