import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {AgentIdentity, AgentKind} from './agent-kind.js'
import type {Machine} from './machine.js'

/** An agent that is on this machine already. */
export interface InstalledAgent extends AgentIdentity {
  /** Where it was seen. */
  readonly path: string
  /** A service starts it; else there is only its program. */
  readonly hasService: boolean
}

const unknown: AgentIdentity = {address: undefined, secret: undefined}

async function read(path: string): Promise<string | null | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    // There and not readable is there.
    return (await exists(path)) ? null : undefined
  }
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
  for (const service of installed.services) {
    const path = join(root, service)
    const text = await read(path)
    if (text === undefined) continue
    return {path, hasService: true, ...(text === null ? unknown : installed.identity(text))}
  }
  for (const program of installed.programs) {
    const path = join(program.startsWith('./') ? workdir : root, program)
    if (await exists(path)) return {path, hasService: false, ...unknown}
  }
  return undefined
}
