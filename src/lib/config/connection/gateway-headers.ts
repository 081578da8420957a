import {resolve} from 'node:path'
import {usageError} from '../../errors.js'
import {readNamed} from '../../named-file.js'
import type {ChosenContext} from '../contexts/saved-context.js'
import {environmentText, secretVariable} from '../environment.js'
import {cleanSecret} from '../secrets/clean-secret.js'
import type {ConnectionInput, PanelSettings} from './connection-parts.js'

/** A header for what stands before a panel. Its value may be a secret, and is then better in a file than in argv. */
export interface GatewayHeader {
  readonly name: string
  /** Undefined where it is in a file. */
  readonly value: string | undefined
  readonly file: string | undefined
  /** For messages: `--header`, a variable, a context. */
  readonly source: string
}

/** What requests are made of: whoever sets these makes others of them. */
const ours =
  /^(host|connection|upgrade|te|trailer|transfer-encoding|expect|content-.*|accept|accept-encoding|origin|sec-websocket-.*)$/i

/**
 * `NAME: VALUE`, or `NAME: @FILE` with the file below the folder.
 * @throws PanelctlError USAGE where it is none, or one that panelctl sets by itself; never with its value
 */
export function parseHeader(text: string, source: string, folder = '.'): GatewayHeader {
  const [, name, given = ''] = /^\s*([!#$%&'*+.^`|~\w-]+)\s*:\s*(.*?)\s*$/s.exec(text) ?? []
  if (name === undefined)
    throw usageError(`${source}: that is no header`, "write it as 'NAME: VALUE' or 'NAME: @FILE'")
  if (ours.test(name)) throw usageError(`${source}: panelctl sets the header ${name} by itself`)
  if (given === '' || given === '@') throw usageError(`${source}: the header ${name} is empty`)
  const file = given.startsWith('@') ? resolve(folder, given.slice(1)) : undefined
  return {name, value: file === undefined ? given : undefined, file, source}
}

/** The variable that holds headers for a panel, one a line; `…_FILE` names a file of them instead. */
export function headersVariable({name}: Pick<PanelSettings, 'name'>): string {
  return `${name.toUpperCase()}_HEADERS`
}

async function environmentHeaders({panel, env}: ConnectionInput): Promise<GatewayHeader[]> {
  const found = await environmentText(env, headersVariable(panel))
  const lines = found?.text.split('\n').filter(line => line.trim() !== '') ?? []
  return lines.map(line => parseHeader(line, found?.source ?? ''))
}

/**
 * The headers that go along to a panel: those of flags, besides its context's, else the environment's, which never go
 * to a context that was named, as a credential does not.
 * @throws PanelctlError USAGE for what is no header, and for a file that cannot be read
 */
export async function gatewayHeaders(
  input: ConnectionInput,
  context: ChosenContext | undefined,
): Promise<{headers: GatewayHeader[]; notes: string[]}> {
  const {panel, env, flags} = input
  const flagged = (flags.headers ?? []).map(text => parseHeader(text, '--header'))
  const saved = context?.headers
  const named = flags.context !== undefined
  if (saved === undefined && !named)
    return {headers: [...(await environmentHeaders(input)), ...flagged], notes: []}
  const set = secretVariable(env, headersVariable(panel))
  const why = named ? `--context ${flags.context} is given` : `the context ${context?.name} has its own`
  const own = (saved ?? []).map(text => parseHeader(text, `context ${context?.name}`, input.configDir))
  return {headers: [...own, ...flagged], notes: set === undefined ? [] : [`${set} ignored: ${why}`]}
}

/**
 * The headers as they are sent; of one that is given twice the last counts.
 * @throws PanelctlError USAGE for a value that none can carry, and for a file that cannot be read
 */
export async function readHeaders(
  headers: readonly GatewayHeader[],
): Promise<Readonly<Record<string, string>>> {
  const read: Record<string, string> = {}
  for (const {name, value, file, source} of headers) {
    const text = value ?? (file === undefined ? '' : await readNamed(file, {source}))
    read[name.toLowerCase()] = cleanSecret(text, source, {kind: `header ${name}`})
  }
  return read
}
