import type {Surroundings} from '../command/command.js'
import {preferenceEntries} from '../command/preference-keys.js'
import {readConfig} from '../config/contexts/config-file.js'
import {contextNamed} from '../config/contexts/saved-context.js'
import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'

/** A value that is in effect, and where it was found. */
export interface EffectiveSetting {
  /** Null for what holds for all panels. */
  readonly panel: string | null
  readonly setting: string
  readonly value: string
  readonly source: string
}

/** What holds for all panels, as far as none of their contexts says otherwise. */
function general(
  {env}: Surroundings,
  preferred: string | undefined,
  [setting, variable, usual]: readonly [setting: string, variable: string, usual: string],
): EffectiveSetting {
  const stated = env[variable]
  const source = stated ? variable : preferred === undefined ? 'default' : 'config.yaml'
  return {panel: null, setting, value: stated || (preferred ?? usual), source}
}

/**
 * The settings of each panel, or of the one context that is named. A panel without any connection has none.
 * @throws PanelctlError USAGE for an unknown context, and for settings that contradict each other
 */
export async function effectiveSettings(
  surroundings: Surroundings,
  panels: readonly Access[],
  name: string | undefined,
): Promise<EffectiveSetting[]> {
  const {contexts, preferences = {}} = await readConfig(surroundings.configDir())
  const only = name === undefined ? undefined : contextNamed({contexts}, name).panel
  const settings: EffectiveSetting[] = []
  for (const {panel} of panels) {
    if (only !== undefined && panel.name !== only) continue
    try {
      const {sources, contextName} = await surroundings.connect(panel, name)
      for (const [setting, {value, source}] of Object.entries(sources)) {
        settings.push({panel: panel.name, setting, value, source})
      }
      const own = contextName === undefined ? undefined : contexts.get(contextName)?.preferences
      for (const [setting, value] of preferenceEntries(own ?? {}))
        settings.push({panel: panel.name, setting, value: String(value), source: `context ${contextName}`})
    } catch (error) {
      // Of several panels most are not set up: that is nothing to fail for.
      if (only !== undefined || !(error instanceof PanelctlError)) throw error
      surroundings.speech.note(`${panel.name}: ${error.message}`)
    }
  }
  return [
    ...settings,
    {
      panel: null,
      setting: 'configDir',
      value: surroundings.configDir(),
      source: surroundings.env.PANELCTL_CONFIG_DIR ? 'PANELCTL_CONFIG_DIR' : 'default',
    },
    general(surroundings, preferences.output, ['output', 'PANELCTL_OUTPUT', 'table']),
    general(surroundings, preferences.timeout, ['timeout', 'PANELCTL_TIMEOUT', '30s']),
    ...preferenceEntries({...preferences, output: undefined, timeout: undefined}).map(([setting, value]) => ({
      panel: null,
      setting,
      value: String(value),
      source: 'config.yaml',
    })),
  ]
}
