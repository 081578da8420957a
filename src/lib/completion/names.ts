import {createHash} from 'node:crypto'
import {rename, stat, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Environment} from '../config/environment.js'
import {refuseForeign} from '../config/files/foreign.js'
import {textIn} from '../config/files/look.js'
import {makeFolders} from '../config/files/make-folders.js'
import {configPaths} from '../config/files/paths.js'
import {readTextFile} from '../config/files/text-file.js'
import {isObject} from '../json-object.js'
import type {NamesListing} from './wanted.js'

/** How long what a panel said, or that it said nothing, is taken for granted (ms): a wrong password must not be tried at each Tab. */
const LASTS = 60_000

/** The first and the second cell of a row. */
export type NameRow = readonly string[]

interface Kept {
  readonly until: number
  readonly rows: readonly NameRow[]
}

export interface NamesOptions {
  readonly env: Environment
  /** The environment variables that say which panel is asked, and as whom. */
  readonly variables: readonly string[]
  now(): number
  /** Runs a listing, and gives its rows; none where it fails. */
  ask(listing: NamesListing): Promise<readonly NameRow[]>
}

/**
 * Rows of a listing, asked for once a minute: they are kept in a file of this user alone, by what was asked and by all that
 * decides whom and as whom. Never throws; what cannot be kept is asked for again.
 */
export async function rowsOfListing(
  listing: NamesListing,
  options: NamesOptions,
): Promise<readonly NameRow[]> {
  const {env, now, ask} = options
  const file = cacheFile(env)
  const key = await keyOf(listing, options)
  const kept = await readKept(file, now())
  const found = kept.get(key)
  if (found) return found.rows
  const rows = await ask(listing)
  if (file) await writeKept(file, new Map([...kept, [key, {until: now() + LASTS, rows}]])).catch(() => {})
  return rows
}

/** Undefined where there is no home folder, and under sudo, where it may be another's. */
function cacheFile(env: Environment): string | undefined {
  if (env.SUDO_UID !== undefined) return undefined
  try {
    return join(configPaths(env).cacheDir, 'names.json')
  } catch {
    return undefined
  }
}

/** A hash of whatever could lead to another answer: the words, the variables, and contexts and secrets as they are now. */
async function keyOf({argv}: NamesListing, {env, variables}: NamesOptions): Promise<string> {
  const names = Object.keys(env).filter(
    name => name.startsWith('PANELCTL_') || variables.includes(name.replace(/_FILE$/, '')),
  )
  const said = await Promise.all(
    names.toSorted().map(async name => {
      const value = env[name] ?? ''
      // Not the file itself, which may be a pipe.
      const seen = name.endsWith('_FILE') ? await stat(value).catch(() => undefined) : undefined
      return [name, value, seen?.mtimeMs, seen?.size, seen?.ino]
    }),
  )
  const saved = ['config.yaml', 'credentials.yaml'].map(name => {
    try {
      return textIn(join(configPaths(env).configDir, name), 'latin1')
    } catch {
      return ''
    }
  })
  const parts = JSON.stringify([argv, said, saved])
  return createHash('sha256').update(parts).digest('hex')
}

/** What is kept and still holds; nothing where the file is damaged, or another user could have written it. */
async function readKept(file: string | undefined, now: number): Promise<ReadonlyMap<string, Kept>> {
  if (file === undefined) return new Map()
  try {
    const json: unknown = JSON.parse((await readTextFile(file)) ?? '{}')
    const entries = isObject(json) ? Object.entries(json) : []
    // A clock that went back must not keep it for ever.
    return new Map(
      entries.flatMap(([key, kept]) =>
        isKept(kept) && kept.until > now && kept.until <= now + LASTS ? [[key, kept]] : [],
      ),
    )
  } catch {
    return new Map()
  }
}

function isKept(value: unknown): value is Kept {
  if (!isObject(value) || typeof value.until !== 'number' || !Array.isArray(value.rows)) return false
  return value.rows.every(row => Array.isArray(row) && row.every(cell => typeof cell === 'string'))
}

async function writeKept(file: string, kept: ReadonlyMap<string, Kept>): Promise<void> {
  const folder = dirname(file)
  await makeFolders(folder)
  await refuseForeign(folder)
  const temporary = `${file}.${process.pid}`
  await writeFile(temporary, JSON.stringify(Object.fromEntries(kept)), {mode: 0o600, flag: 'wx'})
  await rename(temporary, file)
}
