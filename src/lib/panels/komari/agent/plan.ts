import {resolve} from 'node:path'
import {agentFlagWords} from '../../../agent/agent-flags.js'
import type {CheckOptions, Gathering, Plan, ScriptCall} from '../../../agent/agent-kind.js'
import {isLoopback, type ScriptFlags, scriptOf} from '../../../agent/install-url.js'
import {type NodesFlags, planNodes} from '../../../agent/plan-nodes.js'
import {PanelctlError, usageError} from '../../../errors.js'
import {showVersion} from '../endpoints.js'
import {flagsOfAgent, isHarmless} from './flags-of-agent.js'

/** What flags say of an agent and its script, as they were given. */
export interface InstallFlags extends ScriptFlags {
  readonly endpoint: string | undefined
  readonly 'agent-flag': readonly string[]
  readonly mirror: string | undefined
}

/** The flags of `komari node auto-register`, as they were given. */
export interface NodeFlags extends NodesFlags, InstallFlags {
  readonly workdir: string
}

const scriptUrl = 'https://raw.githubusercontent.com/komari-monitor/komari-agent/refs/heads/main/install.sh'

/** An address as an agent is told it: a slash at its end is cut off (contracts/komari.md 7.11). */
export function plainAddress(text: string): string {
  return text.replace(/\/+$/, '')
}

function checkAddress(text: string, source: string): string {
  // A harmless text has no user name, no query and no fragment.
  if (!/^https?:\/\//.test(text) || !URL.canParse(text) || !isHarmless(text)) {
    throw usageError(
      `${source}: "${text}" is no address that an agent can be given`,
      'give it as in https://komari.example.com, in plain characters',
    )
  }
  return plainAddress(text)
}

/** What comes through it runs as root. */
function mirrorOf(text: string): string {
  const mirror = checkAddress(text, '--mirror')
  if (mirror.startsWith('https:') || isLoopback(new URL(mirror))) return mirror
  throw usageError(`--mirror: what comes from ${mirror} may be anybody's`, 'give an https:// address')
}

/** What is done to an agent that is to report here: the words for its script (contracts/komari.md 3.9). */
export function scriptCallOf(
  flags: InstallFlags & {readonly workdir?: string | undefined},
  {env, url}: Pick<Gathering, 'env' | 'url'>,
) {
  const address = checkAddress(flags.endpoint ?? url, '--endpoint')
  const mirror = flags.mirror === undefined ? undefined : mirrorOf(flags.mirror)
  const workdir = flags.workdir === undefined ? undefined : resolve(flags.workdir)
  if (workdir !== undefined && !isHarmless(workdir)) {
    throw usageError(`--workdir: the install script would take "${workdir}" apart`, 'choose a plain name')
  }
  const agentWords = flags['agent-flag'].flatMap(text => agentFlagWords(flagsOfAgent, text))
  return {
    address,
    ...scriptOf(flags, env, {
      variable: 'KOMARI_INSTALL_URL',
      usual: mirror === undefined ? scriptUrl : `${mirror}/${scriptUrl}`,
    }),
    call: (secret: string): ScriptCall => ({
      words: [
        '-e',
        address,
        '-t',
        secret,
        ...agentWords,
        ...(workdir === undefined ? [] : ['--install-dir', workdir]),
        ...(mirror === undefined ? [] : ['--install-ghproxy', mirror]),
      ],
      // Else the service runs as the user of sudo (trap 25), to whom the work folder is closed.
      env: {SUDO_USER: ''},
    }),
  }
}

/**
 * Everything that flags and environment say of the nodes, in one place; flags win.
 * @throws PanelctlError USAGE for what the script would take apart
 */
export function gather(flags: NodeFlags, given: Gathering): Plan {
  const {env, machine, url} = given
  const script = scriptCallOf(flags, given)
  const {address} = script
  return {
    nodes: planNodes(flags, env, machine),
    agent: {
      ...script,
      reportsTo: address,
      workdir: resolve(flags.workdir),
      // The panel's own address has answered already.
      checkAddress: async options => {
        if (address !== plainAddress(url)) await checkEndpoint(address, options)
      },
    },
  }
}

/** @throws PanelctlError UNREACHABLE where no Komari panel answers */
async function checkEndpoint(address: string, {stranger}: CheckOptions): Promise<void> {
  try {
    await stranger(address).call(showVersion, {})
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    // A private site, which is a panel all the same.
    if (error.code === 'AUTH') return
    throw new PanelctlError('UNREACHABLE', `agents cannot report to ${address}: ${error.message}`, {
      hint: 'check --endpoint; nothing was registered',
      panel: 'komari',
      cause: error,
    })
  }
}
