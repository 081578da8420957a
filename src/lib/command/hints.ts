import {firstKind, loginAgain} from '../config/login-again.js'
import type {Connection} from '../config/resolve.js'
import {normaliseUrl} from '../config/url.js'
import {PanelctlError, reworded} from '../errors.js'
import {noCredential, type Panel} from '../http/panel.js'
import {shellWord} from '../shell-word.js'
import type {GlobalValues} from './global-flags.js'

/** The panel that a run talked to, and how it was chosen. */
export interface Connected {
  readonly panel: Panel
  readonly connection: Connection
}

type ConnectionFlags = Readonly<
  Partial<Record<'context' | 'url' | 'ca-file', string | undefined>> & Pick<GlobalValues, 'insecure'>
>

/** None where it is not one: it may hold a password, which no hint repeats. */
function urlFlag(url: string | undefined): string[] {
  if (url === undefined) return []
  try {
    return [`--url ${shellWord(normaliseUrl(url, '--url'))}`]
  } catch {
    return []
  }
}

function trustFlags(flags: ConnectionFlags): string[] {
  const caFile = flags['ca-file']
  return [
    ...(caFile === undefined ? [] : [`--ca-file ${shellWord(caFile)}`]),
    ...(flags.insecure ? ['--insecure'] : []),
  ]
}

/** What a person types to be asked for the same panel again. */
export function connectionFlags(flags: ConnectionFlags): string[] {
  const context = flags.context === undefined ? [] : [`--context ${shellWord(flags.context)}`]
  return [...context, ...urlFlag(flags.url), ...trustFlags(flags)]
}

/** `panelctl nezha server list` becomes `panelctl nezha server list --context prod`; one with flags is whole. */
function withFlags(hint: string, topic: string, flags: readonly string[]): string {
  if (flags.length === 0) return hint
  const commands = new RegExp(`\\bpanelctl ${topic}(?: [a-z][a-z-]*(?![a-z-]|\\.\\w))+`, 'g')
  return hint.replace(commands, (typed, offset: number) =>
    hint.startsWith(' --', offset + typed.length) ? typed : [typed, ...flags].join(' '),
  )
}

/** Where a new credential has to go for this connection to use it. */
function whereItGoes({panel, connection}: Connected, flags: ConnectionFlags): string {
  const {origin, contextName, url, newName} = connection
  const [first] = panel.credentialVariables
  if (origin?.from === 'environment') {
    const isFile = origin.name === first?.variable && origin.variable !== origin.name
    return `, and put it into ${isFile ? `the file that ${origin.variable} names` : first?.variable}`
  }
  if (contextName !== null) {
    const again = loginAgain(panel, {context: contextName})
    return origin?.context.tokenCommand === undefined
      ? `, then: ${again}`
      : `, and let the command of the context ${contextName} print it (tokenCommand), or: ${again}`
  }
  const given = `, and put it into ${first?.variable}`
  if (flags.url === undefined) return given
  const kind = firstKind(panel)
  const named = newName === null ? [] : [`--context ${newName}`]
  const login = [`panelctl ${panel.name} login`, ...urlFlag(url), ...named, ...trustFlags(flags)]
  return `${given}, or: ${login.join(' ')} --with-${kind} < ${kind}.txt`
}

/** What a refusal means where it is known whose credential it was. */
function ofCredential(error: PanelctlError, connected: Connected, flags: ConnectionFlags): PanelctlError {
  const {panel, connection} = connected
  if (error.code !== 'AUTH' || !error.hint?.includes(panel.credentialHint)) return error
  const {contextName} = connection
  const isMissing = contextName !== null && error.message.startsWith(noCredential)
  return reworded(error, {
    message: isMissing
      ? `the context ${contextName} has no credential${error.message.slice(noCredential.length)}`
      : error.message,
    hint: error.hint.replace(panel.credentialHint, found => `${found}${whereItGoes(connected, flags)}`),
  })
}

/**
 * A failure with a hint that leads to the panel of the run that failed: commands get the flags that chose it, and what
 * is said about credentials names where this run looked for one. Anything else is given back as it is.
 */
export function leadingBack(
  error: unknown,
  run: {
    readonly id: string
    readonly flags: ConnectionFlags
    readonly connected: Connected | undefined
  },
): unknown {
  const {id, flags, connected} = run
  const [topic = ''] = id.split(':')
  // commands about contexts are about several panels, and see to each
  if (!(error instanceof PanelctlError) || topic === 'context') return error
  const told = connected ? ofCredential(error, connected, flags) : error
  if (told.hint === undefined) return told
  const hint = withFlags(told.hint, topic, connectionFlags(flags))
  return hint === told.hint ? told : reworded(told, {hint})
}
