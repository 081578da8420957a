import {readConfig} from './config-file.js'
import {unknownContext} from './context-name.js'
import type {SavedContext} from './saved-context.js'

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
  const {contexts} = await readConfig(configDir)
  const context = contexts.get(name)
  if (!context) throw unknownContext(name, contexts.keys())
  return context
}
