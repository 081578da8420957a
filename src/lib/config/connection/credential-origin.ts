import {PanelctlError, reworded, usageError} from '../../errors.js'
import {hint} from '../../hint.js'
import {mayHaveSecret} from '../contexts/config-file.js'
import type {ChosenContext} from '../contexts/saved-context.js'
import {
  type Environment,
  readEnvironmentSecret,
  refuseQuotation,
  secretVariable,
  variable,
} from '../environment.js'
import {cleanSecret, type SecretKind} from '../secrets/clean-secret.js'
import type {ConfigPlace, Secret} from '../secrets/secret.js'
import {readSecret} from '../secrets/stores.js'
import {runTokenCommand} from '../secrets/token-command.js'
import type {ConnectionInput, FoundCredential, PanelSettings} from './connection-parts.js'
import {firstKind, loginAgain} from './connection-parts.js'

/** Where a credential will come from; the secret itself is read later, if at all. */
export type CredentialOrigin =
  | {from: 'environment'; kind: string; name: string; variable: string; userVariable: string | undefined}
  | {from: 'context'; context: ChosenContext}

/** The credentials that the environment sets, each by the variable (`NAME` or `NAME_FILE`) that does. */
export function setCredentials(
  panel: PanelSettings,
  env: Environment,
): Omit<Extract<CredentialOrigin, {from: 'environment'}>, 'from'>[] {
  return panel.credentialVariables.flatMap(({kind, variable: name, userVariable}) => {
    const set = secretVariable(env, name)
    return set === undefined ? [] : [{kind, name, variable: set, userVariable}]
  })
}

/** The environment's credential, the first listed of several, with a note about the others. */
export function environmentOrigin(
  panel: PanelSettings,
  env: Environment,
): {origin: CredentialOrigin | undefined; notes: string[]} {
  const [first, ...others] = setCredentials(panel, env)
  if (first === undefined) return {origin: undefined, notes: []}
  const notes = others.map(other => `${other.variable} ignored: ${first.variable} is set`)
  return {origin: {from: 'environment', ...first}, notes}
}

/** The context's credential; undefined when it cannot have one. */
export function contextOrigin(context: ChosenContext): CredentialOrigin | undefined {
  return context.tokenCommand !== undefined || mayHaveSecret(context) ? {from: 'context', context} : undefined
}

/**
 * Whether the context has a credential of its own. Only the file is read for it; what is in a keychain,
 * the context's `credential` says.
 * @throws as `readSecret`
 */
export async function hasCredential(place: ConfigPlace, context: ChosenContext): Promise<boolean> {
  if (context.tokenCommand !== undefined || context.store === 'keychain')
    return contextOrigin(context) !== undefined
  return (await readSecret(place, 'file', context.name)) !== undefined
}

/** What the credential is to the panel, as far as it is known without reading it. */
export function kindOf(origin: CredentialOrigin, panel: PanelSettings): string {
  if (origin.from === 'environment') return origin.kind
  return origin.context.credential ?? firstKind(panel)
}

/** Where the credential comes from, for people. */
export function sourceOf(origin: CredentialOrigin): string {
  if (origin.from === 'environment') return origin.variable
  const {name, store, tokenCommand} = origin.context
  return `context ${name} (${tokenCommand === undefined ? store : 'tokenCommand'})`
}

/** What a panel says of a kind of credential. */
export function kindNamed(kind: string, {credentialVariables}: PanelSettings): SecretKind {
  return credentialVariables.find(known => known.kind === kind) ?? {kind}
}

/**
 * Reads the credential itself, in the form in which it is sent.
 * @throws PanelctlError AUTH or USAGE as its store, tokenCommand or variable does, AUTH where a context has lost its
 * secret or would ask for a password where nobody is, USAGE as `cleanSecret`
 */
export async function readCredential(
  place: ConfigPlace & Pick<ConnectionInput, 'unattended'>,
  panel: PanelSettings,
  origin: CredentialOrigin | undefined,
): Promise<FoundCredential | undefined> {
  if (origin === undefined) return undefined
  if (place.unattended && origin.from === 'context' && mayAsk(origin.context))
    throw new PanelctlError('AUTH', `${sourceOf(origin)} may ask for a password`)
  const secret = await secretAt(place, panel, origin)
  if (secret === undefined) return undefined
  const {kind} = secret
  const source = sourceOf(origin)
  try {
    const value = cleanSecret(secret.value, source, kindNamed(kind, panel))
    return {kind, value, user: secret.user, from: origin.from}
  } catch (error) {
    const isStored = origin.from === 'context' && origin.context.tokenCommand === undefined
    if (!isStored || !(error instanceof PanelctlError)) throw error
    throw reworded(error, {
      hint: hint`${error.hint ?? source}: ${loginAgain(panel, {context: origin.context.name})}`,
    })
  }
}

/** Whether what has the secret may want somebody to unlock it. */
function mayAsk({tokenCommand, store}: ChosenContext): boolean {
  return tokenCommand !== undefined || store === 'keychain'
}

async function secretAt(
  place: ConfigPlace,
  panel: PanelSettings,
  origin: CredentialOrigin,
): Promise<Secret | undefined> {
  const kind = kindOf(origin, panel)
  if (origin.from === 'environment') {
    const value = await readEnvironmentSecret(place.env, origin.name)
    const {userVariable} = origin
    // A name with a carriage return is another one, and each wrong login may count.
    const user =
      userVariable === undefined ? undefined : variable(place.env, userVariable)?.trim() || undefined
    if (userVariable !== undefined && user === undefined)
      throw usageError(`${origin.variable} is set, and ${userVariable} is not`, `set ${userVariable} too`)
    if (userVariable !== undefined && user !== undefined) refuseQuotation(user, userVariable)
    return value === undefined ? undefined : {kind, value, user}
  }
  const {name, tokenCommand} = origin.context
  if (tokenCommand === undefined) return readStored(place, panel, origin.context)
  return {kind, value: await runTokenCommand(tokenCommand, place.env, name)}
}

/** Undefined for a context that never had a secret. */
async function readStored(
  place: ConfigPlace,
  panel: PanelSettings,
  {name, store, credential: kind}: ChosenContext,
): Promise<Secret | undefined> {
  try {
    const secret = await readSecret(place, store, name)
    if (secret !== undefined || kind === undefined) return secret
  } catch (error) {
    if (store !== 'keychain' || !(error instanceof PanelctlError) || error.code !== 'AUTH') throw error
    const inFile = hint`to keep it in a file: ${loginAgain(panel, {context: name, kind, store: 'file'})}`
    throw reworded(error, {hint: error.hint === undefined ? inFile : hint`${error.hint}; ${inFile}`})
  }
  // a login that was killed before it had stored the secret, or somebody has removed it
  throw new PanelctlError('AUTH', `the context ${name} has no stored ${kind}: log in again`, {
    hint: loginAgain(panel, {context: name, kind}),
    panel: panel.name,
  })
}
