import {resolve} from 'node:path'
import {usageError} from '../../errors.js'
import type {ChosenContext} from '../contexts/saved-context.js'
import {type Environment, variable} from '../environment.js'
import type {ConnectionInput, Sourced} from './connection-parts.js'

export interface TlsSettings {
  caFile?: Sourced | undefined
  insecure?: {value: boolean; source: string} | undefined
}

/**
 * `--ca-file` and `--insecure` over `PANELCTL_CA_FILE` and `PANELCTL_INSECURE` over the context, which is
 * undefined when the URL is not its panel's. A context's relative caFile is one in the config folder.
 */
export function tlsSettings(input: ConnectionInput, context: ChosenContext | undefined): TlsSettings {
  return {caFile: caFile(input, context), insecure: insecure(input, context)}
}

function caFile(input: ConnectionInput, context: ChosenContext | undefined): Sourced | undefined {
  if (input.flags.caFile !== undefined) return {value: input.flags.caFile, source: '--ca-file'}
  const set = variable(input.env, 'PANELCTL_CA_FILE')
  if (set !== undefined) return {value: set, source: 'PANELCTL_CA_FILE'}
  if (context?.caFile === undefined) return undefined
  return {value: resolve(input.configDir, context.caFile), source: `context ${context.name}`}
}

function insecure(
  {flags, env}: ConnectionInput,
  context: ChosenContext | undefined,
): TlsSettings['insecure'] {
  if (flags.insecure !== undefined) return {value: flags.insecure, source: '--insecure'}
  const set = environmentSwitch(env, 'PANELCTL_INSECURE')
  if (set !== undefined) return {value: set, source: 'PANELCTL_INSECURE'}
  return context?.insecure === undefined
    ? undefined
    : {value: context.insecure, source: `context ${context.name}`}
}

/** Strict, because a typo here must not decide about TLS in silence. */
function environmentSwitch(env: Environment, name: string): boolean | undefined {
  const text = variable(env, name)?.toLowerCase()
  if (text === undefined) return undefined
  if (['1', 'true', 'yes'].includes(text)) return true
  if (['0', 'false', 'no'].includes(text)) return false
  throw usageError(`${name} is "${text}"`, 'set it to true or false, or unset it')
}
