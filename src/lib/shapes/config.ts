import type {Surroundings} from '../command/command.js'
import {preferenceEntries, preferenceKeys, preferenceNamed} from '../command/preference-keys.js'
import {preferenceAt, preferencesOf, setPreference} from '../config/contexts/change-preferences.js'
import {listContexts} from '../config/contexts/config-file.js'
import {PanelctlError} from '../errors.js'
import {arg} from '../flags/flags.js'
import {panelctl} from '../hint.js'
import type {Unneeded} from '../outcome.js'

/** A setting as lists and JSON have it. */
export interface SetPreference {
  readonly key: string
  /** Null where nothing is set. */
  readonly value: string | number | null
  /** The context that it holds for; null for all. */
  readonly context: string | null
}

const named = {
  summary: 'output, timeout, retries, or columns.COMMAND with dots for its blanks',
  required: true,
} as const

/** The argument that names a setting. */
export const key = arg.text({...named, among: 'config list --columns key,value --all'})

/** One that is set. */
export const givenKey = arg.text({...named, among: 'config list --columns key,value'})

interface Given {
  readonly args: {readonly key: string}
  readonly flags: {readonly context?: string | undefined; readonly 'dry-run'?: boolean}
}

/** What is set, first what holds for all; of one context where that is given, with `all` also what is not set. */
export async function listSettings(
  {configDir, commands}: Surroundings,
  {context, all}: {readonly context: string | undefined; readonly all: boolean},
): Promise<SetPreference[]> {
  const holders = context === undefined ? (await listContexts(configDir())).map(({name}) => name) : []
  const settings: SetPreference[] = []
  for (const holder of [context, ...holders]) {
    const entries = preferenceEntries(await preferencesOf(configDir(), holder))
    settings.push(...entries.map(([name, value]) => ({key: name, value, context: holder ?? null})))
  }
  if (!all) return settings
  const unset = (await preferenceKeys(commands)).filter(name => !settings.some(one => one.key === name))
  return [...settings, ...unset.map(name => ({key: name, value: null, context: context ?? null}))]
}

/** @throws PanelctlError USAGE for an unknown key or context, NOT_FOUND where nothing is set */
export async function readSetting({
  configDir,
  commands,
  args,
  flags,
}: Surroundings & Given): Promise<SetPreference> {
  const preferences = await preferencesOf(configDir(), flags.context)
  const {path} = await preferenceNamed(args.key, commands, preferences)
  const value = preferenceAt(preferences, path)
  if (typeof value === 'string' || typeof value === 'number')
    return {key: args.key, value, context: flags.context ?? null}
  throw new PanelctlError('NOT_FOUND', `${args.key} is not set${forContext(flags.context)}`, {
    hint: panelctl('config list'),
  })
}

/**
 * Sets what the key names, or takes it out where there is no value. With `--dry-run` it is only checked.
 * @throws PanelctlError USAGE for an unknown key or context and for a value that it cannot have: nothing is written then
 */
export async function changeSetting(
  {configDir, env, speech, commands, args, flags}: Surroundings & Given,
  text: string | undefined,
): Promise<SetPreference | Unneeded<SetPreference>> {
  const {context} = flags
  const preferences = await preferencesOf(configDir(), context)
  const known = text === undefined ? preferences : undefined
  const {path, parse} = await preferenceNamed(args.key, commands, known)
  const value = text === undefined ? undefined : await parse(text)
  const before = preferenceAt(preferences, path)
  const changes = flags['dry-run']
    ? before !== value
    : await setPreference({configDir: configDir(), env, note: speech.note}, context, path, value)
  const result = {key: args.key, value: value ?? null, context: context ?? null}
  const already = value === undefined ? 'is not set' : `is ${value} already`
  return changes ? result : {result, unneeded: `${args.key} ${already}${forContext(context)}`}
}

/** What was done, for stderr. */
export function toldSetting({flags}: Given, {key: name, value, context}: SetPreference): string {
  const where = forContext(context ?? undefined)
  if (flags['dry-run']) return `would ${value === null ? `unset ${name}` : `set ${name} to ${value}`}${where}`
  return value === null ? `unset ${name}${where}` : `${name} is ${value}${where}`
}

function forContext(context: string | undefined): string {
  return context === undefined ? '' : ` for the context ${context}`
}
