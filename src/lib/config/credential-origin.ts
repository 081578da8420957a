import {mayHaveSecret} from './config-file.js'
import type {NamedContext} from './default-context.js'
import {type Environment, readEnvironmentSecret, secretVariable} from './environment.js'
import type {ConfigPlace} from './place.js'
import type {Credential, PanelSettings} from './resolve.js'
import {readSecret} from './secrets.js'
import {runTokenCommand} from './token-command.js'

/** Where a credential will come from; the secret itself is read later, if at all. */
export type CredentialOrigin =
  | {from: 'environment'; kind: string; name: string; variable: string}
  | {from: 'context'; context: NamedContext}

/** The credentials that the environment sets, each by the variable (`NAME` or `NAME_FILE`) that does. */
export function setCredentials(
  panel: PanelSettings,
  env: Environment,
): {kind: string; name: string; variable: string}[] {
  return panel.credentialVariables.flatMap(({kind, variable: name}) => {
    const set = secretVariable(env, name)
    return set === undefined ? [] : [{kind, name, variable: set}]
  })
}

/** The environment's credential, the first listed of several, with a note about the others. */
export function environmentOrigin(
  panel: PanelSettings,
  env: Environment,
): {origin: CredentialOrigin | null; notes: string[]} {
  const [first, ...others] = setCredentials(panel, env)
  if (first === undefined) return {origin: null, notes: []}
  const notes = others.map(other => `${other.variable} ignored: ${first.variable} is set`)
  return {origin: {from: 'environment', ...first}, notes}
}

/** The context's credential; null when it cannot have one. */
export function contextOrigin(context: NamedContext): CredentialOrigin | null {
  return context.tokenCommand !== undefined || mayHaveSecret(context) ? {from: 'context', context} : null
}

/**
 * Whether the context has a credential of its own. Only the file is read for it; what is in a keychain,
 * the context's `credential` says. Throws as `readSecret`.
 */
export async function hasCredential(place: ConfigPlace, context: NamedContext): Promise<boolean> {
  if (context.tokenCommand !== undefined || context.store === 'keychain')
    return contextOrigin(context) !== null
  return (await readSecret(place, 'file', context.name)) !== null
}

/** What the credential is to the panel, as far as it is known without reading it. */
export function kindOf(origin: CredentialOrigin, panel: PanelSettings): string {
  if (origin.from === 'environment') return origin.kind
  return origin.context.credential ?? panel.credentialVariables[0]?.kind ?? 'token'
}

/** Where the credential comes from, for people. */
export function sourceOf(origin: CredentialOrigin): string {
  if (origin.from === 'environment') return origin.variable
  const {name, store, tokenCommand} = origin.context
  return `context ${name} (${tokenCommand === undefined ? store : 'tokenCommand'})`
}

/** Reads the credential itself. Throws AUTH or USAGE as its store, tokenCommand or variable does. */
export async function readCredential(
  place: ConfigPlace,
  panel: PanelSettings,
  origin: CredentialOrigin | null,
): Promise<Credential | null> {
  if (origin === null) return null
  if (origin.from === 'environment') {
    const secret = await readEnvironmentSecret(place.env, origin.name)
    return secret && {kind: origin.kind, value: secret.value, source: secret.source, from: 'environment'}
  }
  const {context} = origin
  const source = sourceOf(origin)
  if (context.tokenCommand !== undefined) {
    const value = await runTokenCommand(context.tokenCommand, place.env, context.name)
    return {kind: kindOf(origin, panel), value, source, from: 'context'}
  }
  const secret = await readSecret(place, context.store, context.name)
  return secret && {kind: secret.kind, value: secret.value, source, from: 'context'}
}
