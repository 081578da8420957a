import {readdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod/mini'
import {PanelctlError} from '../../errors.js'
import type {ConfigLock} from '../files/lock.js'
import {readTextFile, replaceTextFile} from '../files/text-file.js'
import type {ConfigPlace, Store} from '../secrets/secret.js'
import {removeSecret} from '../secrets/stores.js'
import {readConfig} from './config-file.js'
import {isContextName} from './saved-context.js'

/** A secret on its way from the name of one context to another: two stores cannot change in one step. */
export interface Rename {
  readonly from: string
  readonly to: string
  readonly store: Store
}

const name = z.string().check(z.refine(isContextName))
const renameSchema = z.object({from: name, to: name, store: z.enum(['file', 'keychain'])})

const prefix = '.renaming-'

/** Notes a rename before its secret is copied, so that none is left under a name of no context. */
export async function noteRename(lock: ConfigLock, rename: Rename): Promise<void> {
  await replaceTextFile(lock, join(lock.configDir, `${prefix}${rename.to}`), JSON.stringify(rename))
}

/**
 * Removes the secret that a rename has left under the one of its names that no context has now, be it this run's or that
 * of one that was killed. Where a keychain cannot be reached, the note of it stays for a later turn.
 */
export async function finishRenames(lock: ConfigLock, place: ConfigPlace): Promise<void> {
  const notes = (await readdir(lock.configDir)).filter(entry => entry.startsWith(prefix))
  for (const note of notes.map(entry => join(lock.configDir, entry))) {
    const rename = parseNote(await readTextFile(note))
    if (rename === undefined || (await removeOrphan(lock, place, rename))) await rm(note, {force: true})
  }
}

function parseNote(text: string | undefined): Rename | undefined {
  try {
    return renameSchema.safeParse(JSON.parse(text ?? '')).data
  } catch {
    return undefined
  }
}

async function removeOrphan(lock: ConfigLock, place: ConfigPlace, {from, to, store}: Rename) {
  const {contexts} = await readConfig(lock.configDir)
  const orphans = [from, to].filter(name => contexts.get(name)?.store !== store)
  return removeIfReachable(async () => {
    for (const orphan of orphans) await removeSecret(lock, place, store, orphan)
  })
}

/** Whether `remove` was possible; only an unreachable store (AUTH) is forgiven. */
export async function removeIfReachable(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove()
    return true
  } catch (error) {
    if (error instanceof PanelctlError && error.code === 'AUTH') return false
    throw error
  }
}
