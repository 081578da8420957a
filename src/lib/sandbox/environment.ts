import {shellQuoted} from '../shell-word.js'
import type {RunningPanel} from './panel.js'

export type Environment = Readonly<Record<string, string | undefined>>

const loopback = ['127.0.0.1', 'localhost']

/**
 * Variables that choose a panel, a credential or a place on disk (design §6). In a sandbox none may
 * be inherited: those of panels that are not emulated would reach the real ones. Preferences such
 * as `PANELCTL_OUTPUT` stay.
 */
const misleading = [
  /^(NEZHA|KOMARI|OPENIDCS)_(DASHBOARD_URL|URL|TOKEN|USERNAME|PASSWORD|AGENT_SECRET|COOKIE|API_KEY|SESSION_TOKEN|HEADERS)(_FILE)?$/,
  /^PANELCTL_(.+_)?CONTEXT$/,
  /^PANELCTL_LIVE_/,
  /^PANELCTL_(URL|CA_FILE|CONFIG_DIR|STATE_DIR)$/,
]

/** The variables that point panelctl at these panels. */
export function environmentOf(panels: Iterable<Pick<RunningPanel, 'environment'>>): Record<string, string> {
  return Object.assign({}, ...[...panels].map(panel => panel.environment))
}

/**
 * The `export` lines for a shell to evaluate, one a variable. Values are quoted, whatever they hold.
 */
export function exportLines(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
}

/** The environment without what would lead a command in the sandbox somewhere else. */
export function withoutMisleading(ambient: Environment): Record<string, string> {
  const kept = Object.entries(ambient).filter(([name]) => !misleading.some(pattern => pattern.test(name)))
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/**
 * `NO_PROXY` in both spellings with loopback added, so that a proxy does not get the sandbox's
 * traffic. Whichever was set is kept; tools disagree on which of the two they read.
 */
export function withoutProxy(ambient: Environment): {NO_PROXY: string; no_proxy: string} {
  const hosts = `${ambient.NO_PROXY ?? ''},${ambient.no_proxy ?? ''}`.split(',').map(host => host.trim())
  const all = [...new Set([...hosts.filter(host => host !== ''), ...loopback])].join(',')
  return {NO_PROXY: all, no_proxy: all}
}
