import {readdir, readFile, stat} from 'node:fs/promises'
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
  /** What that would run, where it is not there. */
  readonly missing: string | undefined
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
  const stops = [...found.values()].flatMap(({service}) => service?.stop ?? [])
  const removed = `rm ${[...found.keys()].map(shellWord).join(' ')}`
  return {
    path,
    service,
    missing: program !== undefined && !(await exists(here(program))) ? program : undefined,
    removal: [...new Set([...stops, removed])].join('; '),
    // A program tells nothing.
    ...installed.identity(isTelling ? await contentOf(path) : ''),
  }
}
