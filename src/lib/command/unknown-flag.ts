import {type PanelctlError, reworded, usageError} from '../errors.js'
import {type Hint, hint, panelctl} from '../hint.js'
import type {Panel} from '../http/panel.js'

const secretsShow = 'others can read the arguments of a program'

/** USAGE for a flag that there is not, without its value, which may be a secret; `--token` is none of any command. */
export function unknownFlag(word: string, next: Hint): PanelctlError {
  const name = word.split('=', 1)[0]
  return usageError(`unknown flag ${name}`, name === '--token' ? secretsShow : next)
}

/** Whether it was refused because it would show a secret. */
export function isSecretFlag({hint}: PanelctlError): boolean {
  return hint === secretsShow
}

/** The same, with the ways in which the panel of that topic takes a secret. */
export function whereSecretsGo(
  error: PanelctlError,
  topic: string | undefined,
  panels: readonly Pick<Panel, 'name' | 'credentialVariables'>[],
): PanelctlError {
  const panel = panels.find(({name}) => name === topic)
  const variable = panel?.credentialVariables[0]?.variable
  const ways =
    panel === undefined || variable === undefined
      ? hint`where a secret goes: ${panelctl('help environment')}`
      : hint`set ${variable} or ${variable}_FILE, or save it with ${panelctl(`${panel.name} login`)}`
  return reworded(error, {hint: hint`${secretsShow}: ${ways}`})
}
