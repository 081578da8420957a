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

/** A value that is preferred, and where that is said: `config.yaml`, `context lab`. */
export interface Sourced<T> {
  readonly value: T
  readonly source: string
}

/** What holds for one command, where neither a flag nor a variable says. */
export interface Preferred {
  readonly output?: Sourced<Format> | undefined
  /** Milliseconds. */
  readonly timeout?: Sourced<number> | undefined
  readonly retries?: Sourced<number> | undefined
  /** As `--columns` takes them. */
  readonly columns?: Sourced<string> | undefined
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
  const layers: readonly (readonly [Preferences, string])[] = [
    [own ?? {}, `context ${name}`],
    [config.preferences ?? {}, 'config.yaml'],
  ]
  const command = run.id.replaceAll(':', ' ')

  async function first<T>(
    key: keyof Preferences,
    parse: (text: string) => T | Promise<T>,
  ): Promise<Sourced<T> | undefined> {
    for (const [preferences, source] of layers) {
      const found = preferences[key]
      const value = typeof found === 'object' ? found[command] : found
      if (value === undefined) continue
      try {
        return {value: await parse(String(value)), source}
      } catch (error) {
        if (!(error instanceof PanelctlError)) throw error
        // Set by hand: `config set` takes none such.
        throw reworded(error, {
          message: `${source}: ${key}: ${error.message}`,
          hint: panelctl('config unset', [key], source === 'config.yaml' ? {} : {flags: {context: name}}),
        })
      }
    }
    return undefined
  }

  return {
    output: await first('output', parsers.output),
    timeout: await first('timeout', parsers.timeout),
    retries: await first('retries', parsers.retries),
    columns: await first('columns', text => text),
  }
}
