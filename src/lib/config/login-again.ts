import {type PanelctlCommand, panelctl} from '../hint.js'
import type {PanelSettings} from './connection-parts.js'

export interface LoginAgain {
  readonly context: string
  /** The kind of credential to give; the panel's first if nothing is said. */
  readonly kind?: string | undefined
  /** Into the file, where the keychain is what failed. */
  readonly store?: 'file'
}

/** The kind of credential that a person is told to give. */
export function firstKind({
  credentialVariables: [first],
}: Pick<PanelSettings, 'credentialVariables'>): string {
  return first?.kind ?? 'token'
}

/** The command that gives a saved context a new credential. */
export function loginAgain(
  panel: PanelSettings,
  {context, kind = firstKind(panel), store}: LoginAgain,
): PanelctlCommand {
  return panelctl(`${panel.name} login`, [], {
    flags: {context, replace: true, store, [`with-${kind}`]: true},
    stdin: `${kind}.txt`,
  })
}
