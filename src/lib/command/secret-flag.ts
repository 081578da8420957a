import {PanelctlError, reworded} from '../errors.js'
import {hint, panelctl} from '../hint.js'
import type {Panel} from '../http/panel.js'

const why = 'others can read the arguments of a program'

/** `--token` was given, which no command has: USAGE. */
export class SecretFlag extends PanelctlError {
  constructor() {
    super('USAGE', 'unknown flag --token', {hint: why})
  }
}

/** The same, with the ways in which the panel that is named in argv takes a secret. */
export function whereSecretsGo(
  error: SecretFlag,
  argv: readonly string[],
  panels: readonly Pick<Panel, 'name' | 'credentialVariables'>[],
): PanelctlError {
  const panel = panels.find(({name}) => argv.some(word => word.split(':')[0] === name))
  const variable = panel?.credentialVariables[0]?.variable
  const ways =
    panel === undefined || variable === undefined
      ? hint`where a secret goes: ${panelctl('help environment')}`
      : hint`set ${variable} or ${variable}_FILE, or save it with ${panelctl(`${panel.name} login`)}`
  return reworded(error, {hint: hint`${why}: ${ways}`})
}
