import {firstKind, loginAgain} from '../config/connection/connection-parts.js'
import type {Connection} from '../config/connection/resolve.js'
import {normaliseUrl} from '../config/url.js'
import {PanelctlError, reworded} from '../errors.js'
import {type Hint, hasPart, hint, mapCommands, panelctl, saidAfter} from '../hint.js'
import {intoPlace, noCredential, type Panel} from '../http/panel.js'
import type {GlobalValues} from './global-flags.js'

/** The panel that a run talked to, and how it was chosen. */
export interface Connected {
  readonly panel: Panel
  readonly connection: Connection
}

type ConnectionFlags = Readonly<
  Partial<Record<'context' | 'url' | 'ca-file', string | undefined>> &
    Pick<GlobalValues, 'insecure'> & {readonly header?: readonly string[]}
>

/** None where it is not one: it may hold a password, which no hint repeats. */
function typedUrl(url: string | undefined): string | undefined {
  try {
    return url === undefined ? undefined : normaliseUrl(url, '--url')
  } catch {
    return undefined
  }
}

/** The flags with which a person asks the same panel again. */
export function connectionFlags({context, url, 'ca-file': caFile, insecure, header}: ConnectionFlags) {
  return {context, url: typedUrl(url), 'ca-file': caFile, insecure, header: header?.map(withoutValue)}
}

/** A header as a hint may show it: the file, but no value, which may be a secret. */
function withoutValue(header: string): string {
  const [, name, file] = /^\s*([^:]*?)\s*:\s*(@.*)?/s.exec(header) ?? []
  return `${name ?? 'NAME'}: ${file ?? 'VALUE'}`
}

/** Commands of that topic get the flags, if they do not say themselves which panel they ask. */
function leading(given: Hint, topic: string, flags: ConnectionFlags): Hint {
  return mapCommands(given, typed => {
    const isOwn = typed.command.split(' ')[0] === topic
    if (!isOwn || 'context' in typed.flags || 'url' in typed.flags) return typed
    const {command, args, ...more} = typed
    return panelctl(command, args, {...more, flags: {...more.flags, ...connectionFlags(flags)}})
  })
}

/** Where a new credential has to go for this connection to use it. */
function whereItGoes({panel, connection}: Connected, flags: ConnectionFlags): Hint {
  const {origin, contextName, url, newName} = connection
  const [first] = panel.credentialVariables
  if (origin?.from === 'environment') {
    if (origin.name !== first?.variable) return `, and put it into ${first?.variable}, without ${origin.name}`
    return `, and put it into ${origin.variable === origin.name ? origin.name : `the file that ${origin.variable} names`}`
  }
  if (contextName !== undefined) {
    const again = loginAgain(panel, {context: contextName})
    return origin?.context.tokenCommand === undefined
      ? hint`, then: ${again}`
      : hint`, and let the command of the context ${contextName} print it (tokenCommand), or: ${again}`
  }
  const given = `, and put it into ${first?.variable}`
  if (flags.url === undefined) return given
  const kind = firstKind(panel)
  const login = panelctl(`${panel.name} login`, [], {
    flags: {...connectionFlags({...flags, context: newName, url}), [`with-${kind}`]: true},
    stdin: `${kind}.txt`,
  })
  return hint`${given}, or: ${login}`
}

/** What a refusal means where it is known whose credential it was. */
function ofCredential(error: PanelctlError, connected: Connected, flags: ConnectionFlags): PanelctlError {
  const {panel, connection} = connected
  const wanted = [panel.credentialHint, intoPlace].find(part => hasPart(error.hint, part))
  if (error.code !== 'AUTH' || error.hint === undefined || wanted === undefined) return error
  const {contextName} = connection
  const isMissing = contextName !== undefined && error.message.startsWith(noCredential)
  return reworded(error, {
    message: isMissing
      ? `the context ${contextName} has no credential${error.message.slice(noCredential.length)}`
      : error.message,
    hint: saidAfter(error.hint, wanted, whereItGoes(connected, flags)),
  })
}

/** An address that no panel has was meant for what the command is about, where it has a flag for one. */
function ofOwnUrl(error: PanelctlError, flagNames: readonly string[]): PanelctlError {
  const own = flagNames.find(name => /(?:^|-)url-file$/.test(name))
  if (own === undefined || error.code !== 'USAGE' || !error.message.startsWith('--url: ')) return error
  return reworded(error, {
    hint: `--url is where the panel is; another URL comes with --${own}, out of a file, or with --${own} - from stdin`,
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
    /** All that the command has, given or not. */
    readonly flagNames?: readonly string[]
    readonly connected: Connected | undefined
  },
): unknown {
  const {id, flags, flagNames = [], connected} = run
  if (!(error instanceof PanelctlError)) return error
  const told = connected ? ofCredential(error, connected, flags) : ofOwnUrl(error, flagNames)
  if (told.hint === undefined) return told
  const [topic = ''] = id.split(':')
  return reworded(told, {hint: leading(told.hint, topic, flags)})
}
