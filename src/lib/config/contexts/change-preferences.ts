import type {YAMLMap} from 'yaml'
import type {ConfigPlace} from '../secrets/secret.js'
import {changeContexts} from './change-context.js'
import {editConfig, readConfig} from './config-file.js'
import {contextNamed, type Preferences} from './saved-context.js'

/** A preference by its place in `preferences`: `['output']`, `['columns', 'nezha server list']`. */
export type PreferencePath = readonly [keyof Preferences, string?]

/**
 * The preferences of a context, or those that hold for every command.
 * @throws PanelctlError USAGE for an unknown context
 */
export async function preferencesOf(configDir: string, context: string | undefined): Promise<Preferences> {
  const config = await readConfig(configDir)
  const {preferences = {}} = context === undefined ? config : contextNamed(config, context, '--context')
  return preferences
}

/** What is preferred there; undefined where nothing is. */
export function preferenceAt(preferences: Preferences, [name, command]: PreferencePath): unknown {
  const value = preferences[name]
  return typeof value === 'object' ? (command === undefined ? undefined : value[command]) : value
}

/**
 * Prefers a value, or none where it is undefined, and says whether that is news.
 * @throws PanelctlError USAGE for an unknown context
 */
export async function setPreference(
  place: ConfigPlace,
  context: string | undefined,
  path: PreferencePath,
  value: string | number | undefined,
): Promise<boolean> {
  return changeContexts(place, async lock => {
    if (preferenceAt(await preferencesOf(place.configDir, context), path) === value) return false
    await editConfig(lock, map => {
      const above = context === undefined ? [] : ['contexts', context]
      const keys = ['preferences', ...path.filter(key => key !== undefined)]
      const last = keys.pop() ?? ''
      if (value === undefined) remove(map, [...above, ...keys], last, above.length)
      else map(...above, ...keys).set(last, value)
    })
    return true
  })
}

/** Takes a key out of a map, and the maps above it that are empty then. */
function remove(map: (...keys: string[]) => YAMLMap, keys: string[], last: string, kept: number): void {
  const holder = map(...keys)
  holder.delete(last)
  const name = keys.at(-1)
  if (holder.items.length === 0 && name !== undefined && keys.length > kept)
    remove(map, keys.slice(0, -1), name, kept)
}
