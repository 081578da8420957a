import type {Surroundings} from '../command/command.js'
import {namedContext} from '../config/contexts/config-file.js'
import {PanelctlError} from '../errors.js'
import type {Access} from '../http/access.js'

/** A value that is in effect, and where it was found. */
export interface Setting {
  /** Null for what holds for all panels. */
  readonly panel: string | null
  readonly setting: string
  readonly value: string
  readonly source: string
}

function preference(surroundings: Surroundings, setting: string, variable: string, usual: string): Setting {
  const value = surroundings.env[variable]
  return {panel: null, setting, value: value || usual, source: value ? variable : 'default'}
}

/**
 * The settings of each panel, or of the one context that is named. A panel without any connection has none.
 * @throws PanelctlError USAGE for an unknown context, and for settings that contradict each other
 */
export async function effectiveSettings(
  surroundings: Surroundings,
  panels: readonly Access[],
  name: string | undefined,
): Promise<Setting[]> {
  const only = name === undefined ? undefined : (await namedContext(surroundings.configDir(), name)).panel
  const settings: Setting[] = []
  for (const {panel} of panels) {
    if (only !== undefined && panel.name !== only) continue
    try {
      const {sources} = await surroundings.connect(panel, name)
      for (const [setting, {value, source}] of Object.entries(sources)) {
        settings.push({panel: panel.name, setting, value, source})
      }
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
    preference(surroundings, 'output', 'PANELCTL_OUTPUT', 'table'),
    preference(surroundings, 'timeout', 'PANELCTL_TIMEOUT', '30s'),
  ]
}
