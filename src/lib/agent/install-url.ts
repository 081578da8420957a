import {type Environment, variable} from '../config/environment.js'
import {usageError} from '../errors.js'
import type {AgentPlan} from './agent-kind.js'

/** Whether an address leads to this very machine. */
export function isLoopback({hostname}: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/**
 * The address of an install script, given by a flag or variable.
 * @throws PanelctlError USAGE for one that a stranger could answer, unless the script is pinned
 */
function checkInstallUrl(text: string, source: string, isPinned: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw usageError(`${source}: "${text}" is not an http(s) address`)
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(`${source}: the address of the script must not carry a user name or password`)
  }
  if (url.protocol === 'http:' && !isLoopback(url) && !isPinned) {
    throw usageError(
      `${source}: what comes over plain HTTP may be anybody's, and the script runs as root`,
      'use https://, or pin the script with --script-sha256',
    )
  }
  return url
}

/**
 * The sum that a script must have, in small letters.
 * @throws PanelctlError USAGE
 */
function checkScriptSum(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[0-9a-f]{64}$/i.test(text)) {
    throw usageError('--script-sha256: a SHA-256 sum has 64 hexadecimal digits', 'sha256sum install.sh')
  }
  return text?.toLowerCase()
}

/** What flags say of the script, the same in every command of this flow. */
export interface ScriptFlags {
  readonly 'install-url': string | undefined
  readonly 'script-sha256': string | undefined
}

/**
 * The script that flags or a variable name, or the usual one.
 * @throws PanelctlError USAGE for an address that a stranger could answer, and for a sum that is none
 */
export function scriptOf(
  {'install-url': given, 'script-sha256': sum}: ScriptFlags,
  env: Environment,
  {variable: name, usual}: {readonly variable: string; readonly usual: string},
): Pick<AgentPlan, 'installUrl' | 'sha256'> {
  const source = given === undefined ? name : '--install-url'
  return {
    installUrl: checkInstallUrl(given ?? variable(env, name) ?? usual, source, sum !== undefined),
    sha256: checkScriptSum(sum),
  }
}
