import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Machine} from './machine.js'

/** An agent that is on this machine already. */
export interface InstalledAgent {
  /** Where it was seen. */
  readonly path: string
  /** A service starts it; else there is only its program. */
  readonly hasService: boolean
  /** What its service says, where that can be read: `host:port`. */
  readonly server: string | undefined
  readonly secret: string | undefined
}

/** The services that `service install` makes (contracts/nezha.md 2.1). */
const services = ['etc/systemd/system/nezha-agent.service', 'etc/init.d/nezha-agent']

/** The value behind a flag in a unit or init script, whichever way it is quoted. */
function valueBehind(text: string, flags: string): string | undefined {
  return new RegExp(`[\\s"'](?:${flags})["']?(?:\\s+|=)["']?([A-Za-z0-9.:_-]+)`).exec(text)?.[1]
}

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

/**
 * The agent that is installed here. The v0 script, run over one, removes it (trap 37), so this decides whether
 * it may run. It installs to /opt/nezha whatever folder it runs in.
 */
export async function findAgent({root}: Machine, workdir: string): Promise<InstalledAgent | undefined> {
  for (const service of services) {
    const path = join(root, service)
    const text = await read(path)
    if (text === undefined) continue
    return {
      path,
      hasService: true,
      server: text === null ? undefined : valueBehind(text, '-s|--server'),
      secret: text === null ? undefined : valueBehind(text, '-p|--password'),
    }
  }
  for (const folder of [join(root, 'opt/nezha'), workdir]) {
    const path = join(folder, 'agent', 'nezha-agent')
    if (await exists(path)) return {path, hasService: false, server: undefined, secret: undefined}
  }
  return undefined
}
