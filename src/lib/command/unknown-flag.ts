import {type PanelctlError, reworded, usageError} from '../errors.js'
import {type Hint, hint, panelctl} from '../hint.js'
import type {Panel} from '../http/panel.js'
import {nearestNames} from '../nearest-names.js'

const secretsShow = 'others can read the arguments of a program'

/** What one panel calls so and another so. */
const alike = ['note', 'remark', 'comment', 'description']

/** The question whether another flag of these was meant: one of the same meaning, else a near one; dashes make no two nearer. */
export function flagMeant(word: string, names: readonly string[], otherwise: Hint): Hint {
  const typed = (word.split('=', 1)[0] ?? '').replace(/^--/, '')
  const [, before = '', last = ''] = /^(.*-)?([^-]+)$/.exec(typed) ?? []
  const same = alike.includes(last) ? alike.map(other => before + other) : []
  const known = names.filter(name => same.includes(name))
  const meant = known.length > 0 ? known : nearestNames(typed, names)
  return meant.length > 0 ? `did you mean ${meant.map(name => `"--${name}"`).join(' or ')}?` : otherwise
}

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
