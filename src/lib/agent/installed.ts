import {open, readdir, readFile, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {shellWord} from '../shell-word.js'
import type {AgentIdentity, AgentKind} from './agent-kind.js'
import type {Machine} from './machine.js'
import {type Service, type ServiceKind, serviceName} from './services.js'

/** An agent that is on this machine already. */
export interface InstalledAgent extends AgentIdentity {
  /** Where it was seen. */
  readonly path: string
  /** What starts it; else there is only its configuration, or its program. */
  readonly service: (Service & {readonly file: string}) | undefined
  /** Why that cannot run its program: `/opt/x/agent is not there`. */
  readonly unfit: string | undefined
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

/** Whether a system can run it: a script that takes whatever answers for the agent saves a mirror's page (contracts/komari.md 7.11). */
async function isProgram(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      const {buffer, bytesRead} = await file.read(Buffer.alloc(4), 0, 4, 0)
      return /^(\x7fELF|#!)/.test(buffer.toString('latin1', 0, bytesRead))
    } finally {
      await file.close()
    }
  } catch {
    // Whoever may not read it cannot tell.
    return true
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

/** The program that a service starts, as its file says. */
function programOf(serviceText: string): string | undefined {
  return /^(?:ExecStart|command)=["']?([^\s"']+)/m.exec(serviceText)?.[1]
}

/** What is read of a file that is there: one that cannot be is there all the same. */
function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

/** The agent that is installed here. An install script may remove it, so this decides whether one may run. */
export async function findAgent(
  {installed}: AgentKind,
  {root}: Machine,
  workdir: string,
): Promise<InstalledAgent | undefined> {
  const here = (path: string) => join(path.startsWith('./') ? workdir : root, path)
  const {configurations = [], services, programs} = installed
  const found = new Map<string, {readonly service?: Service; readonly isTelling: boolean}>()
  const look = async (path: string, isTelling: boolean, kind?: ServiceKind) => {
    for (const each of await matching(here(path))) {
      if (await exists(each)) found.set(each, {isTelling, ...(kind && {service: kind(serviceName(each))})})
    }
  }
  // What tells most comes first.
  for (const path of configurations) await look(path, true)
  for (const [path, kind] of Object.entries(services)) await look(path, true, kind)
  for (const path of programs) await look(path, false)
  const [first] = found
  if (!first) return undefined
  const [path, {isTelling}] = first
  const [service] = [...found].flatMap(([file, {service}]) => (service ? {file, ...service} : []))
  const program = service && programOf(await contentOf(service.file))
  const unfit = async (path: string) => {
    if (!(await exists(here(path)))) return `${path} is not there`
    return (await isProgram(here(path))) ? undefined : `${path} is no program`
  }
  const stops = [...found.values()].flatMap(({service}) => service?.stop ?? [])
  const removed = `rm ${[...found.keys()].map(shellWord).join(' ')}`
  return {
    path,
    service,
    unfit: program === undefined ? undefined : await unfit(program),
    removal: [...new Set([...stops, removed])].join('; '),
    // A program tells nothing.
    ...installed.identity(isTelling ? await contentOf(path) : ''),
  }
}
