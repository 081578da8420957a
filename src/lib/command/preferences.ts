import type {PanelSettings} from '../config/connection/connection-parts.js'
import {defaultContext} from '../config/connection/default-context.js'
import {readConfig} from '../config/contexts/config-file.js'
import type {Config, Preferences} from '../config/contexts/saved-context.js'
import {type Environment, variable} from '../config/environment.js'
import {configPaths} from '../config/files/paths.js'
import {PanelctlError, reworded, usageError} from '../errors.js'
import {parseDuration} from '../flags/duration.js'
import {panelctl} from '../hint.js'
import {didYouMean} from '../nearest-names.js'
import {type Format, formatNames, isFormat} from '../output/formats.js'
import {globalFlags} from './global-flags.js'

// Loaded where config.yaml mentions preferences, and by `config`.

/** A preference as it is written. */
interface Written {
  readonly value: string
  /** What a failure of it is told as: with where it is written, and what mends it. */
  wrong(error: unknown): unknown
}

/** What holds for one command, where neither a flag nor a variable says. */
export interface Preferred {
  readonly output?: Format | undefined
  /** Milliseconds. */
  readonly timeout?: number | undefined
  readonly retries?: number | undefined
  /** As `--columns` takes them: checked where they count. */
  readonly columns?: Written | undefined
}

/** The key of the columns of a command: `columns.panel.server.list`. */
export function columnsKey(command: string): string {
  return `columns.${command.replaceAll(/[: ]/g, '.')}`
}

function formatNamed(text: string): Format {
  if (isFormat(text)) return text
  const all = `one of ${formatNames.join(', ')}`
  throw usageError(`there is no format "${text}"`, didYouMean(text, formatNames, all))
}

/** What each preference but columns is, out of its text; USAGE for what it cannot be. */
export const parsers = {
  output: formatNamed,
  timeout: parseDuration,
  retries: async (text: string) => Number(await globalFlags.retries.parse(text)),
}

/** The command whose preferences are asked for. */
interface Run {
  readonly id: string
  readonly env: Environment
  readonly flags: {readonly context?: string | undefined; readonly url?: string | undefined}
  panels(): Promise<readonly {readonly panel: PanelSettings}[]>
}

/** The name of the context that a command uses; none where the address of its panel is given. */
async function contextOf(config: Config, {id, env, flags, panels}: Run): Promise<string | undefined> {
  if (![...config.contexts.values()].some(({preferences}) => preferences)) return undefined
  if (flags.context !== undefined) return flags.context
  const panel = (await panels()).map(access => access.panel).find(({name}) => name === id.split(':')[0])
  if (!panel || flags.url !== undefined || variable(env, panel.urlVariable) !== undefined) return undefined
  try {
    return defaultContext(config, panel, env).context?.name
  } catch (error) {
    // The command says so itself, if it needs one.
    if (error instanceof PanelctlError) return undefined
    throw error
  }
}

/**
 * What is preferred for a command: by its context, else by `config.yaml` as a whole.
 * @throws PanelctlError USAGE for a file or a value that is wrong, AUTH for a file that others could have written
 */
export async function preferredFor(run: Run): Promise<Preferred> {
  const config = await readConfig(configPaths(run.env).configDir)
  const name = await contextOf(config, run)
  const own = name === undefined ? undefined : config.contexts.get(name)?.preferences
  const layers = [
    {preferences: own ?? {}, source: `context ${name}`, flags: {context: name}},
    {preferences: config.preferences ?? {}, source: 'config.yaml', flags: {}},
  ]

  function first(key: string, valueIn: (preferences: Preferences) => unknown): Written | undefined {
    for (const {preferences, source, flags} of layers) {
      const value = valueIn(preferences)
      if (value === undefined) continue
      return {
        value: String(value),
        wrong(error) {
          if (!(error instanceof PanelctlError)) return error
          // Set by hand, or gone since: `config set` takes none such.
          return reworded(error, {
            message: `${source}: ${key}: ${error.message}`,
            hint: panelctl('config unset', [key], {flags}),
          })
        },
      }
    }
    return undefined
  }

  async function parsed<T>(
    key: keyof typeof parsers,
    parse: (text: string) => T | Promise<T>,
  ): Promise<T | undefined> {
    const written = first(key, preferences => preferences[key])
    try {
      return written && (await parse(written.value))
    } catch (error) {
      throw written?.wrong(error)
    }
  }

  return {
    output: await parsed('output', parsers.output),
    timeout: await parsed('timeout', parsers.timeout),
    retries: await parsed('retries', parsers.retries),
    columns: first(columnsKey(run.id), ({columns}) => columns?.[run.id.replaceAll(':', ' ')]),
  }
}
