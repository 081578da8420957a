import {join} from 'node:path'
import type {Environment} from '../environment.js'
import type {ConfigLock} from '../files/lock.js'
import {textIn} from '../files/look.js'
import {configPaths} from '../files/paths.js'
import {readTextFile} from '../files/text-file.js'
import type {YamlDocument} from '../files/yaml-document.js'
import type {Store} from '../secrets/secret.js'
import {type Config, contextNamed, type SavedContext} from './saved-context.js'

/** A keychain is not asked for what was never put there: each question may take 3 s, or open a dialog. */
export function mayHaveSecret({store, credential, tokenCommand}: SavedContext): boolean {
  return tokenCommand === undefined && (store === 'file' || credential !== undefined)
}

function configFile(configDir: string): string {
  return join(configDir, 'config.yaml')
}

/**
 * The saved contexts; empty when there is no file. Never locks, and loads YAML and zod only when there is
 * something to read.
 * @throws PanelctlError USAGE naming the file, the line and what is wrong
 */
export async function readConfig(configDir: string): Promise<Config> {
  const text = await readTextFile(configFile(configDir))
  if (text === undefined) return {contexts: new Map(), current: new Map()}
  const {parseConfig} = await import('./config-document.js')
  return parseConfig(text, configFile(configDir)).config
}

/**
 * Whether `config.yaml` may say what is preferred. Each command asks, before it knows whether it needs that file: what is
 * looked for alone is neither parsed nor believed.
 */
export function mentionsPreferences(env: Environment): boolean {
  try {
    return textIn(configFile(configPaths(env).configDir)).includes('preferences')
  } catch {
    return false
  }
}

/** Changes `config.yaml`, as `editYamlFile` does. */
export async function editConfig(
  lock: ConfigLock,
  change: (map: YamlDocument['map']) => void,
): Promise<{undo: () => Promise<void>}> {
  const [{parseConfig}, {editYamlFile}] = await Promise.all([
    import('./config-document.js'),
    import('../files/yaml-document.js'),
  ])
  return editYamlFile(lock, configFile(lock.configDir), parseConfig, change)
}

/** A saved context as lists show it. */
export interface ListedContext extends Omit<SavedContext, 'store'> {
  readonly name: string
  /** Where its secret is; absent where it has none. */
  readonly store: Store | 'command' | undefined
  /** Whether it is its panel's current one. */
  readonly current: boolean
}

function whereSecretIs({store, credential, tokenCommand}: SavedContext): ListedContext['store'] {
  if (tokenCommand !== undefined) return 'command'
  return credential === undefined ? undefined : store
}

/**
 * All contexts, by name.
 * @throws as `readConfig`
 */
export async function listContexts(configDir: string): Promise<ListedContext[]> {
  const {contexts, current} = await readConfig(configDir)
  return [...contexts]
    .map(([name, context]) => ({
      name,
      ...context,
      store: whereSecretIs(context),
      current: current.get(context.panel) === name,
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

/**
 * The context of that name.
 * @throws as `contextNamed`
 */
export async function namedContext(configDir: string, name: string): Promise<SavedContext> {
  return contextNamed(await readConfig(configDir), name)
}
