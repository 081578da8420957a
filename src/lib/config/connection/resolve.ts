import {usageError} from '../../errors.js'
import {type Hint, hint, panelctl} from '../../hint.js'
import {readConfig} from '../contexts/config-file.js'
import {type ChosenContext, type Config, contextNamed, isContextName} from '../contexts/saved-context.js'
import {variable} from '../environment.js'
import {isSameOrigin, normaliseUrl} from '../url.js'
import type {ConnectionInput, FoundCredential, PanelSettings, Sourced} from './connection-parts.js'
import {
  type CredentialOrigin,
  contextOrigin,
  environmentOrigin,
  hasCredential,
  kindOf,
  readCredential,
  setCredentials,
  sourceOf,
} from './credential-origin.js'
import {defaultContext, panelContextVariable, urlOf} from './default-context.js'
import {gatewayHeaders, readHeaders} from './gateway-headers.js'
import {tlsSettings} from './tls-settings.js'

export interface Connection {
  url: string
  /** Which generation of the panel the context has seen there. */
  generation: string | undefined
  /** Notes another in the context, where there is one. */
  keepGeneration: ((generation: string) => Promise<void>) | undefined
  /**
   * The credential meant for `url`, read once, when first asked for. Undefined when there is none.
   * @throws PanelctlError AUTH when its store or tokenCommand fails, USAGE when its variable's file does
   */
  credential: () => Promise<FoundCredential | undefined>
  /**
   * The headers for what stands before the panel, read when asked for.
   * @throws as `readHeaders`
   */
  headers: () => Promise<Readonly<Record<string, string>>>
  /** Where that credential comes from; undefined when there is none. */
  origin: CredentialOrigin | undefined
  /** The context whose panel this is: its URL, or one of the same origin. */
  contextName: string | undefined
  /** The name that a login to `url` has to give, where the usual one is another panel's. */
  newName: string | undefined
  caFile: string | undefined
  insecure: boolean
  /** Accepted at login for this panel, so not to be warned of again. */
  acceptedRisks: {insecure: boolean; plainHttp: boolean}
  /** For stderr. */
  notes: string[]
  /** For `context show`: every effective value and where it came from; of the credential, its kind. */
  sources: Record<string, Sourced>
}

/** Which URL, and whose credential, the table of design §6 gives. */
interface Choice {
  url: Sourced
  context: ChosenContext | undefined
  origin: CredentialOrigin | undefined
  notes: string[]
  newName?: string | undefined
}

/**
 * Which panel a command talks to and as whom: the table of design §6, in one place. Flags win over the
 * environment, that over contexts, and a credential never goes to a URL that it was not meant for.
 * Reads the config only when the environment does not decide, and a secret only when asked for.
 * @throws PanelctlError USAGE: no URL, a bad one, an unknown context, one of another panel, an ambiguous credential
 */
export async function resolveConnection(input: ConnectionInput): Promise<Connection> {
  const choice = await choose(input)
  const {context, origin} = choice
  const tls = tlsSettings(input, context)
  const gateway = await gatewayHeaders(input, context)
  const sources: Record<string, Sourced> = {url: choice.url}
  if (context) sources.context = {value: context.name, source: context.chosenBy}
  if (origin) sources.credential = {value: kindOf(origin, input.panel), source: sourceOf(origin)}
  if (tls.caFile) sources.caFile = tls.caFile
  if (tls.insecure) sources.insecure = {value: String(tls.insecure.value), source: tls.insecure.source}

  if (gateway.headers.length > 0) {
    const from = (part: 'name' | 'source') =>
      [...new Set(gateway.headers.map(header => header[part]))].join(', ')
    sources.headers = {value: from('name'), source: from('source')}
  }

  if (!origin) refuseNamesAlone(input)
  const insecure = tls.insecure?.value ?? false
  let credential: Promise<FoundCredential | undefined> | undefined
  const keep = async (generation: string) => {
    const {keepGeneration} = await import('../contexts/change-context.js')
    if (context) await keepGeneration(input.configDir, {name: context.name, url: context.url, generation})
  }
  return {
    url: choice.url.value,
    generation: context?.generation,
    keepGeneration: context && input.panel.generations ? keep : undefined,
    credential: () => {
      credential ??= readCredential(input, input.panel, origin)
      return credential
    },
    headers: () => readHeaders(gateway.headers),
    origin,
    contextName: context?.name,
    newName: choice.newName,
    caFile: tls.caFile?.value,
    insecure,
    acceptedRisks: {
      insecure: insecure && context?.insecure === true,
      plainHttp: context?.acceptedPlainHttp === true,
    },
    notes: [...choice.notes, ...(origin ? [] : emptyCredentials(input)), ...gateway.notes],
    sources,
  }
}

/** What an absent secret of CI looks like: a variable that is there and holds nothing, so that nothing goes along. */
function emptyCredentials({panel, env}: ConnectionInput): string[] {
  return panel.credentialVariables
    .flatMap(({variable: name}) => [name, `${name}_FILE`])
    .filter(name => env[name] === '')
    .map(name => `${name} is set and empty: no credential goes along`)
}

/** A user name whose password is missing, as of a misspelt variable: without it what guests see would be taken for all. */
function refuseNamesAlone({panel, env}: ConnectionInput): void {
  for (const {variable: secret, userVariable} of panel.credentialVariables) {
    if (userVariable !== undefined && variable(env, userVariable) !== undefined)
      throw usageError(`${userVariable} is set, and ${secret} is not`, `set ${secret} or ${secret}_FILE`)
  }
}

function choose(input: ConnectionInput): Choice | Promise<Choice> {
  if (input.flags.context !== undefined) return chooseNamed(input, input.flags.context)
  if (input.flags.url !== undefined) return chooseUrl(input, input.flags.url)
  const url = variable(input.env, input.panel.urlVariable)
  return url === undefined ? chooseDefault(input) : chooseEnvironment(input, url)
}

/** `--context N`; with `--url` too, that must be the same panel, because the credential is the context's. */
async function chooseNamed(input: ConnectionInput, name: string): Promise<Choice> {
  const {panel, flags, env} = input
  const config = await readConfig(input.configDir)
  const saved = {...contextNamed(config, name, '--context'), name, chosenBy: '--context'}
  if (saved.panel !== panel.name)
    throw usageError(
      `the context ${name} (--context) is a ${saved.panel} panel, not ${panel.name}`,
      panelctl('context list'),
    )
  const contextUrl = urlOf(saved)
  const set = setCredentials(panel, env).map(credential => credential.variable)
  if (variable(env, panel.urlVariable) !== undefined) set.unshift(panel.urlVariable)
  const notes = set.length > 0 ? [`${set.join(', ')} ignored: --context ${name} is given`] : []
  const origin = contextOrigin(saved)
  if (flags.url === undefined)
    return {url: {value: contextUrl, source: `context ${name}`}, context: saved, origin, notes}
  const url = normaliseUrl(flags.url, '--url')
  if (!isSameOrigin(url, contextUrl))
    throw usageError(
      `--url ${url} is not the panel of --context ${name} (${contextUrl})`,
      'give one of them: a credential goes only to the panel that it was saved for',
    )
  return {url: {value: url, source: '--url'}, context: saved, origin, notes}
}

/** `--url U`: the environment's credential, else the default context's if the origin is equal. */
async function chooseUrl(input: ConnectionInput, text: string): Promise<Choice> {
  const {panel, env} = input
  const url = {value: normaliseUrl(text, '--url'), source: '--url'}
  const {origin, notes} = environmentOrigin(panel, env)
  if (origin) {
    const stated = variable(env, panel.urlVariable)
    const overruled = stated !== undefined && stated.replace(/\/+$/, '') !== url.value
    const note = `${panel.urlVariable} ignored: --url is given`
    return {url, context: undefined, origin, notes: overruled ? [note, ...notes] : notes}
  }
  const config = await readConfig(input.configDir)
  const found = defaultContext(config, panel, env)
  if (found.context === undefined || !isSameOrigin(url.value, urlOf(found.context))) {
    const newName = freeName(config, panel, url.value)
    return {url, context: undefined, origin: undefined, notes: found.notes, newName}
  }
  return {url, context: found.context, origin: contextOrigin(found.context), notes: found.notes}
}

/** The host's name, where a context has the name that `login` gives by itself; undefined where neither can be had. */
function freeName({contexts}: Config, panel: PanelSettings, url: string): string | undefined {
  if (!contexts.has(panel.name)) return undefined
  const {hostname} = new URL(url)
  return isContextName(hostname) && !contexts.has(hostname) ? hostname : undefined
}

/** A URL in the environment: contexts are not even read, so CI needs no home folder and no YAML. */
function chooseEnvironment({panel, env}: ConnectionInput, text: string): Choice {
  const {origin, notes} = environmentOrigin(panel, env)
  const named = panelContextVariable(panel)
  const overruled =
    variable(env, named) === undefined ? [] : [`${named} ignored: ${panel.urlVariable} is set`]
  const url = {value: normaliseUrl(text, panel.urlVariable), source: panel.urlVariable}
  return {url, context: undefined, origin, notes: [...overruled, ...notes]}
}

/** What to type where no panel is in use: one that is saved, before another login. */
function whichPanel({contexts}: Config, panel: PanelSettings): Hint {
  const saved = [...contexts].flatMap(([name, context]) => (context.panel === panel.name ? name : []))
  const [first, ...others] = saved.toSorted()
  const command =
    first === undefined
      ? panelctl(`${panel.name} login`, [], {flags: {url: 'https://…'}})
      : panelctl('context use', [first])
  return others.length > 0
    ? hint`${command}, or another of those saved: ${others.join(', ')}`
    : hint`${command}, or set ${panel.urlVariable}`
}

/** The default context, with the environment's credential only where it has none of its own. */
async function chooseDefault(input: ConnectionInput): Promise<Choice> {
  const {panel, env} = input
  const config = await readConfig(input.configDir)
  const {context, notes} = defaultContext(config, panel, env)
  if (context === undefined) throw usageError(`no ${panel.name} panel to talk to`, whichPanel(config, panel))
  const choice = {url: {value: urlOf(context), source: `context ${context.name}`}, context}
  const fromEnvironment = environmentOrigin(panel, env)
  if (fromEnvironment.origin === undefined) return {...choice, origin: contextOrigin(context), notes}
  if (await hasCredential(input, context))
    throw usageError(
      `ambiguous: ${sourceOf(fromEnvironment.origin)} is set, and the context ${context.name} (${choice.url.value}) has its own credential`,
      `--context ${context.name} uses the context's; set ${panel.urlVariable} too to use the environment's`,
    )
  return {...choice, origin: fromEnvironment.origin, notes: [...notes, ...fromEnvironment.notes]}
}
