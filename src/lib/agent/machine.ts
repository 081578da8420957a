import type {ChildProcess} from 'node:child_process'
import {constants} from 'node:fs'
import {access, readFile} from 'node:fs/promises'
import {hostname, totalmem, uptime} from 'node:os'
import {join} from 'node:path'
import {type Environment, variable} from '../config/environment.js'

/** The machine that an agent is installed on, as far as the flow looks at it. Tests put a folder in place of `/`. */
export interface Machine {
  /** What every path of the system is below: `/`. */
  readonly root: string
  readonly platform: NodeJS.Platform
  readonly hostname: string
  /** The effective user; undefined where the system has none. */
  readonly userId: number | undefined
  /** Where programs are found. */
  readonly path: string
  /** When it started, by its own clock; Unix seconds. */
  readonly startedAt: number
  /** Its memory, in bytes. */
  readonly memory: number
  /** Milliseconds between two looks at the panel. */
  readonly pollEvery: number
}

// What a login shell of root has; `env -i` and some init systems give nothing at all.
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The machine that this process runs on. */
export function thisMachine(env: Environment): Machine {
  return {
    root: '/',
    platform: process.platform,
    hostname: hostname(),
    userId: process.geteuid?.(),
    path: variable(env, 'PATH') ?? usualPath,
    startedAt: Date.now() / 1000 - uptime(),
    memory: totalmem(),
    pollEvery: 1000,
  }
}

/** Whether a program of that name can be run. */
export async function hasProgram({path}: Machine, name: string): Promise<boolean> {
  for (const folder of path.split(':')) {
    if (folder !== '' && (await isAllowed(join(folder, name), constants.X_OK))) return true
  }
  return false
}

/** Whether this user may do that with a path; not where the path does not exist. */
export async function isAllowed(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode)
    return true
  } catch {
    return false
  }
}

/**
 * When a process started, in the kernel's ticks since boot: with its id it names a process for good.
 * Undefined where there is no such process.
 */
export async function processStart(id: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may hold anything; the state follows, Z for one that ended.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}

/** Ends a process that was started in a session of its own (`detached`), with all that it has started there. */
export function endGroup({pid}: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM')
  } catch {
    // it has just ended
  }
}
