import type {PreferencePath} from '../config/contexts/change-preferences.js'
import type {Preferences} from '../config/contexts/saved-context.js'
import {usageError} from '../errors.js'
import {panelctl} from '../hint.js'
import {didYouMean} from '../nearest-names.js'
import {columnName} from '../output/columns.js'
import type {Commands} from './command.js'
import {columnsKey, parsers} from './preferences.js'

const names = ['output', 'timeout', 'retries'] as const

/** A preference as `config` takes it. */
export interface Preference {
  readonly path: PreferencePath
  /**
   * The value as it is kept.
   * @throws PanelctlError USAGE for one that it cannot have
   */
  parse(text: string): Promise<string | number>
}

/** The columns that a command can have; `config` itself heeds no preference. */
async function preferableColumns(id: string, {columnsOf}: Commands): Promise<readonly string[]> {
  return id.startsWith('config:') ? [] : columnsOf(id)
}

/** The preference is kept as it was typed, but for numbers. */
async function kept(name: (typeof names)[number], text: string): Promise<string | number> {
  const value = await parsers[name](text)
  return name === 'retries' ? value : text
}

function checkColumns(text: string, columns: readonly string[]): string {
  if (columnName(text) === 'all') return text
  for (const name of text.split(',').map(part => part.trim())) {
    if (!columns.includes(columnName(name)))
      throw usageError(`no column "${name}"`, didYouMean(name, columns, `columns: ${columns.join(', ')}`))
  }
  return text
}

/**
 * The preference of this key; with `given` also what is kept there of a command that is gone.
 * @throws PanelctlError USAGE with the nearest keys where there is none
 */
export async function preferenceNamed(
  key: string,
  commands: Commands,
  given?: Preferences,
): Promise<Preference> {
  const name = names.find(one => one === key)
  if (name) return {path: [name], parse: text => kept(name, text)}
  const id = commands.ids.find(one => columnsKey(one) === key)
  const columns = id === undefined ? [] : await preferableColumns(id, commands)
  if (id !== undefined && columns.length > 0)
    return {path: ['columns', id.replaceAll(':', ' ')], parse: async text => checkColumns(text, columns)}
  const left = Object.keys(given?.columns ?? {}).find(command => columnsKey(command) === key)
  if (left !== undefined) return {path: ['columns', left], parse: async text => text}
  throw usageError(
    `there is no setting "${key}"`,
    didYouMean(key, await preferenceKeys(commands), panelctl('config list', [], {flags: {all: true}})),
  )
}

/** The keys that there are. */
export async function preferenceKeys(commands: Commands): Promise<string[]> {
  const all = await Promise.all(
    commands.ids.map(async id => ((await preferableColumns(id, commands)).length > 0 ? columnsKey(id) : [])),
  )
  return [...names, ...all.flat()]
}

/** What is preferred, by key. */
export function preferenceEntries(preferences: Preferences): [key: string, value: string | number][] {
  const singles = names.flatMap((name): [string, string | number][] => {
    const value = preferences[name]
    return value === undefined ? [] : [[name, value]]
  })
  const columns = Object.entries(preferences.columns ?? {})
  return [...singles, ...columns.map(([command, value]): [string, string] => [columnsKey(command), value])]
}
