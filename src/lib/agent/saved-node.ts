import {createHash} from 'node:crypto'
import {lstat, rm} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod/mini'
import {fileError, type Lock, readTextFile, replaceTextFile} from '../config/files/text-file.js'
import {errorCode, usageError} from '../errors.js'
import {shellWord} from '../shell-word.js'

const script = z.object({
  path: z.string(),
  /** The process that runs it, and when that began; absent until it does. */
  process: z.optional(z.object({id: z.number(), start: z.string()})),
})

const nodeId = z.union([z.number(), z.string()])

const savedNode = z.object({
  /** For people who look into the file. */
  panel: z.string(),
  name: z.string(),
  tag: z.string(),
  /** The nodes that it might have been before ours was registered: a panel need not tell which is ours. */
  idsBefore: z.array(nodeId),
  /** Absent until the panel's answer is there: what a killed run or a lost answer leaves behind. */
  secret: z.optional(z.string()),
  id: z.optional(nodeId),
  /** Present from before the script is written until it has ended. */
  script: z.optional(script),
  /** True from when the script has run: an agent that is here is ours. */
  ran: z.optional(z.boolean()),
})

/** What an unfinished registration needs to go on. */
export type SavedNode = z.infer<typeof savedNode>

/** What stays of a node that has reported, so that its agent is known again: its id, and the hash of its secret. */
const reportedNode = z.object({id: nodeId, secretSha256: z.string()})

export type ReportedNode = z.infer<typeof reportedNode>

/** The file and the lock of one node of one panel. */
export interface SavedPlace {
  readonly folder: string
  readonly file: string
  readonly reported: string
  readonly lockName: string
}

/** The same under its lock. */
export interface HeldPlace {
  readonly place: SavedPlace
  readonly lock: Lock
}

/** Where what is saved of a node lies: a file for each panel and what tells its nodes apart, whatever characters that has. */
export function savedPlace(stateDir: string, panelUrl: string, distinction: readonly string[]): SavedPlace {
  const key = createHash('sha256')
    .update(JSON.stringify([panelUrl, ...distinction]))
    .digest('hex')
    .slice(0, 32)
  const folder = join(stateDir, 'registrations')
  return {
    folder,
    file: join(folder, `${key}.json`),
    reported: join(folder, `${key}.reported`),
    lockName: `${key}.lock`,
  }
}

/**
 * What an earlier run saved; undefined where it left nothing.
 * @throws PanelctlError USAGE for a file that others can read, or that holds something else
 */
export async function readSavedNode({folder, file}: SavedPlace): Promise<SavedNode | undefined> {
  const text = await readTextFile(file)
  if (text === undefined) return undefined
  for (const [path, wanted] of [
    [folder, '700'],
    [file, '600'],
  ] as const) {
    const {mode, uid} = await lstat(path)
    const user = process.geteuid?.()
    if (user === undefined || (uid === user && (mode & 0o077) === 0)) continue
    throw usageError(
      `${path} holds a secret, and others can read or write it`,
      `chmod ${wanted} ${shellWord(path)}`,
    )
  }
  const parsed = savedNode.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw usageError(`${file} is not what panelctl saved there`, `remove it: rm ${shellWord(file)}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Saves it in one step (0600): a kill finds the old or the new. */
export async function saveNode({place, lock}: HeldPlace, saved: SavedNode): Promise<void> {
  await replaceTextFile(lock, place.file, `${JSON.stringify(saved, null, 2)}\n`)
}

/** The hash that a secret is known again by. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Keeps what tells the agent of a node that has reported from others. */
export async function keepReported({place, lock}: HeldPlace, node: ReportedNode): Promise<void> {
  await replaceTextFile(lock, place.reported, `${JSON.stringify(node)}\n`)
}

/** The node that has once reported from this machine; undefined where none did, or what was kept cannot be read. */
export async function readReported({reported}: SavedPlace): Promise<ReportedNode | undefined> {
  return reportedNode.safeParse(jsonOf((await readTextFile(reported)) ?? '')).data
}

/** Forgets it: the node has reported, or is no more. */
export async function forgetNode({place: {file}, lock}: HeldPlace): Promise<void> {
  lock.assertHeld()
  try {
    await rm(file)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw fileError('remove', file, error, 'PANELCTL_STATE_DIR')
  }
}
