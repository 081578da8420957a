import {usageError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import {type ChosenContext, type Config, contextNamed} from '../contexts/saved-context.js'
import {type Environment, variable} from '../environment.js'
import {normaliseUrl} from '../url.js'
import type {PanelSettings} from './connection-parts.js'

/**
 * `PANELCTL_<PANEL>_CONTEXT`, `PANELCTL_CONTEXT`, the current context: the first of this panel. One of
 * another panel is passed over, since `PANELCTL_CONTEXT` holds for a whole script; only where the variable
 * names this panel it must be a mistake, and is told.
 */
export function defaultContext(
  config: Config,
  panel: PanelSettings,
  env: Environment,
): {context: ChosenContext | undefined; notes: string[]} {
  const notes: string[] = []
  const own = panelContextVariable(panel)
  for (const source of [own, 'PANELCTL_CONTEXT']) {
    const name = variable(env, source)
    if (name === undefined) continue
    const context = {...contextNamed(config, name, source), name, chosenBy: source}
    if (context.panel === panel.name) return {context, notes}
    if (source === own) notes.push(`${own} ignored: the context ${name} is a ${context.panel} panel`)
  }
  const current = config.current.get(panel.name)
  if (current === undefined) return {context: undefined, notes}
  const context = contextNamed(config, current, `the current context of ${panel.name}`)
  if (context.panel === panel.name)
    return {context: {...context, name: current, chosenBy: 'current context'}, notes}
  throw usageError(
    `the current context of ${panel.name}, ${current}, is a ${context.panel} panel`,
    panelctl('context use', ['NAME']),
  )
}

/** `PANELCTL_NEZHA_CONTEXT` for nezha. */
export function panelContextVariable({name}: PanelSettings): string {
  return `PANELCTL_${name.toUpperCase()}_CONTEXT`
}

/**
 * A context's URL, normalised.
 * @throws PanelctlError USAGE naming the context
 */
export function urlOf(context: ChosenContext): string {
  return normaliseUrl(context.url, `context ${context.name}`)
}
