import {type PanelctlCommand, panelctl} from '../../hint.js'
import type {Environment} from '../environment.js'
import type {SecretKind} from '../secrets/clean-secret.js'
import type {Secret} from '../secrets/secret.js'

/** What the resolver has to know of a panel. */
export interface PanelSettings {
  name: string
  urlVariable: string
  /** The first that is set wins. */
  credentialVariables: readonly (SecretKind & {readonly variable: string; readonly userVariable?: string})[]
  /** Present where it matters which generation of the panel is there. */
  readonly generations?: unknown
}

export interface ConnectionInput {
  readonly panel: PanelSettings
  readonly flags: {
    readonly context?: string | undefined
    readonly url?: string | undefined
    readonly caFile?: string | undefined
    readonly insecure?: boolean | undefined
    /** As typed: `NAME: VALUE` or `NAME: @FILE`. */
    readonly headers?: readonly string[] | undefined
  }
  readonly env: Environment
  /** Read only when contexts are looked at; may be a getter that throws where there is no home folder. */
  readonly configDir: string
  /** True where nobody can be asked for a password. */
  readonly unattended?: true | undefined
}

/** A secret with where it was found. */
export interface FoundCredential extends Secret {
  from: 'environment' | 'context'
}

export interface Sourced {
  value: string
  source: string
}

export interface LoginAgain {
  readonly context: string
  /** The kind of credential to give; the panel's first if nothing is said. */
  readonly kind?: string | undefined
  /** The name that goes with it, of a password. */
  readonly user?: string | undefined
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
  {context, kind = firstKind(panel), user, store}: LoginAgain,
): PanelctlCommand {
  const isAccount = panel.credentialVariables.some(known => known.kind === kind && known.userVariable)
  const how = isAccount ? {username: user ?? 'NAME'} : {[`with-${kind}`]: true as const}
  return panelctl(`${panel.name} login`, [], {
    flags: {context, replace: true, store, ...how},
    stdin: `${kind}.txt`,
  })
}
