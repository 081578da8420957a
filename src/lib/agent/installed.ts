import {readdir, readFile, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {shellWord} from '../shell-word.js'
import type {AgentIdentity, AgentKind} from './agent-kind.js'
import type {Machine} from './machine.js'

/** An agent that is on this machine already. */
export interface InstalledAgent extends AgentIdentity {
  /** Where it was seen. */
  readonly path: string
  /** A service starts it; else there is only its program. */
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
  // The service that a path is of; undefined for a program.
  const files = new Map<string, string | undefined>()
  for (const [service, stop] of Object.entries(installed.services)) {
    for (const path of await matching(here(service))) files.set(path, stop)
  }
  for (const program of installed.programs) files.set(here(program), undefined)
  const found: {path: string; stop: string | undefined}[] = []
  for (const [path, stop] of files) if (await exists(path)) found.push({path, stop})
  const [first] = found
  if (!first) return undefined
  const {path, stop} = first
  const removed = `rm ${found.map(file => shellWord(file.path)).join(' ')}`
  return {
    path,
    hasService: stop !== undefined,
    removal: [...new Set([...found.flatMap(file => file.stop ?? []), removed])].join('; '),
    // There and not readable is there. A program tells nothing.
    ...installed.identity(stop === undefined ? '' : await readFile(path, 'utf8').catch(() => '')),
  }
}
