import {readdir, readFile, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {shellWord} from '../shell-word.js'
import type {AgentIdentity, AgentKind} from './agent-kind.js'
import type {Machine} from './machine.js'

/** An agent that is on this machine already. */
export interface InstalledAgent extends AgentIdentity {
  /** Where it was seen. */
  readonly path: string
  /** A service starts it; else there is only its configuration, or its program. */
  readonly hasService: boolean
  /** What to type to remove all of it that is here. */
  readonly removal: string
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

/** The files that a path with a `*` in its name stands for. */
async function matching(path: string): Promise<string[]> {
  const [before = '', after] = basename(path).split('*')
  if (after === undefined) return [path]
  const names = await readdir(dirname(path)).catch(() => [])
  const found = names.filter(name => name.startsWith(before) && name.endsWith(after))
  return found.sort().map(name => join(dirname(path), name))
}

/** The agent that is installed here. An install script may remove it, so this decides whether one may run. */
export async function findAgent(
  {installed}: AgentKind,
  {root}: Machine,
  workdir: string,
): Promise<InstalledAgent | undefined> {
  const here = (path: string) => join(path.startsWith('./') ? workdir : root, path)
  const {configurations = [], services, programs} = installed
  const found = new Map<string, {readonly stop?: string; readonly isTelling: boolean}>()
  const look = async (path: string, file: {stop?: string; isTelling: boolean}) => {
    for (const each of await matching(here(path))) if (await exists(each)) found.set(each, file)
  }
  // What tells most comes first.
  for (const path of configurations) await look(path, {isTelling: true})
  for (const [path, stop] of Object.entries(services)) await look(path, {stop, isTelling: true})
  for (const path of programs) await look(path, {isTelling: false})
  const [first] = found
  if (!first) return undefined
  const [path, {isTelling}] = first
  const stops = [...found.values()].flatMap(({stop}) => stop ?? [])
  const removed = `rm ${[...found.keys()].map(shellWord).join(' ')}`
  return {
    path,
    hasService: stops.length > 0,
    removal: [...new Set([...stops, removed])].join('; '),
    // There and not readable is there. A program tells nothing.
    ...installed.identity(isTelling ? await readFile(path, 'utf8').catch(() => '') : ''),
  }
}
