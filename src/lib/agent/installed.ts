import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
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

/** The agent that is installed here. An install script may remove it, so this decides whether one may run. */
export async function findAgent(
  {installed}: AgentKind,
  {root}: Machine,
  workdir: string,
): Promise<InstalledAgent | undefined> {
  const programs = installed.programs.map(path => join(path.startsWith('./') ? workdir : root, path))
  const files: {path: string; stop?: string}[] = [
    ...Object.entries(installed.services).map(([path, stop]) => ({path: join(root, path), stop})),
    ...[...new Set(programs)].map(path => ({path})),
  ]
  const found = (await Promise.all(files.map(async file => ((await exists(file.path)) ? [file] : [])))).flat()
  const [first] = found
  if (!first) return undefined
  const {path, stop} = first
  const removed = `rm ${found.map(file => shellWord(file.path)).join(' ')}`
  return {
    path,
    hasService: stop !== undefined,
    removal: [...found.flatMap(file => file.stop ?? []), removed].join('; '),
    // There and not readable is there. A program tells nothing.
    ...installed.identity(stop === undefined ? '' : await readFile(path, 'utf8').catch(() => '')),
  }
}
