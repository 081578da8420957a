import {join} from 'node:path'
import type {Document} from 'yaml'
import {type ConfigLock, withConfigLock} from '../files/lock.js'
import {readTextFile, replaceTextFile} from '../files/text-file.js'
import {type Config, contextNamed, type SavedContext} from './saved-context.js'

/** A keychain is not asked for what was never put there: each question may take 3 s, or open a dialog. */
export function mayHaveSecret({store, credential, tokenCommand}: SavedContext): boolean {
  return tokenCommand === undefined && (store === 'file' || credential !== undefined)
}

export function configFile(configDir: string): string {
  return join(configDir, 'config.yaml')
}

/**
 * The saved contexts; empty when there is no file. Never locks, and loads YAML and zod only when there is
 * something to read. Throws USAGE naming the file, the line and what is wrong.
 */
export async function readConfig(configDir: string): Promise<Config> {
  const text = await readTextFile(configFile(configDir))
  if (text === undefined) return {contexts: new Map(), current: new Map()}
  const {parseConfig} = await import('./config-document.js')
  return parseConfig(text, configFile(configDir)).config
}

/**
 * Changes `config.yaml` under the lock: reads it again, lets `change` edit the YAML document (comments
 * stay) and replaces the file in one step, with mode 0600. Gives what `change` gives; when that throws,
 * or makes a document that could not be read back, nothing is written.
 */
export async function updateConfig<T>(
  configDir: string,
  change: (document: Document, config: Config) => T,
): Promise<T> {
  return withConfigLock(configDir, async lock => (await editConfig(lock, change)).result)
}

/** `updateConfig` for who holds the lock already; `undo` puts the file back as it was. */
export async function editConfig<T>(
  lock: ConfigLock,
  change: (document: Document, config: Config) => T,
): Promise<{result: T; undo: () => Promise<void>}> {
  const file = configFile(lock.configDir)
  const [{parseConfig}, {yamlText}] = await Promise.all([
    import('./config-document.js'),
    import('../files/yaml-document.js'),
  ])
  const before = (await readTextFile(file)) ?? ''
  const {config, document} = parseConfig(before, file)
  const result = change(document, config)
  const after = yamlText(document)
  parseConfig(after, file)
  if (after !== before) await replaceTextFile(lock, file, after)
  return {result, undo: () => replaceTextFile(lock, file, before)}
}

/** A saved context as lists show it. */
export interface ListedContext extends SavedContext {
  readonly name: string
  /** Whether it is its panel's current one. */
  readonly current: boolean
}

/** All contexts, by name. Throws as `readConfig`. */
export async function listContexts(configDir: string): Promise<ListedContext[]> {
  const {contexts, current} = await readConfig(configDir)
  return [...contexts]
    .map(([name, context]) => ({name, ...context, current: current.get(context.panel) === name}))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** The context of that name. Throws USAGE with the nearest names where there is none. */
export async function namedContext(configDir: string, name: string): Promise<SavedContext> {
  return contextNamed(await readConfig(configDir), name)
}
