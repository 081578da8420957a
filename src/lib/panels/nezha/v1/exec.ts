import {PanelctlError, reworded, usageError} from '../../../errors.js'
import {hint, type PanelctlCommand, panelctl} from '../../../hint.js'
import type {ResultOf} from '../../../http/endpoint.js'
import {fieldOf} from '../../../json-object.js'
import {type Ran, replacedBytes} from '../../../outcome.js'
import {type Calling, callTool, runTool, type Told} from './mcp.js'
import {isReporting, type NamedServer} from './targets.js'
import {ToolFailed} from './tool-failed.js'

/** A command as a server is to run it: no shell, unless it is one. */
export interface Order {
  readonly words: readonly string[]
  /** Milliseconds. */
  readonly limit: number
  readonly stdin: string | undefined
  readonly cwd: string | undefined
  readonly env: Readonly<Record<string, string>>
}

/** What the panel gives of each stream, at most (contracts/nezha.md 3.11). */
const LONGEST_OUTPUT = 1024 * 1024
/** What an agent takes as one message, less what stands around the order: it breaks its connection over a longer one (contracts/nezha.md 3.11). */
const LONGEST_ORDER = 4 * 1024 * 1024 - 1024
/** What the panel writes in six bytes. */
const escaped = /[<>&\u2028\u2029]/g
/** Seconds. */
const LONGEST_RUN = 300
/** How many run at the same time: a token may begin ten a second. */
const AT_ONCE = 8

/** What to do where an agent refuses what is asked of it. */
export const lettingAgent =
  'where that is wanted, set disable_command_execute: false in the configuration of the agent, and start it again'

/** @throws PanelctlError USAGE for what the panel would cut off or refuse */
function checked({words, limit, stdin, cwd, env}: Order) {
  const [cmd, ...args] = words
  const seconds = Math.ceil(limit / 1000)
  if (seconds > LONGEST_RUN) {
    throw usageError(
      `Nezha ends a command after ${LONGEST_RUN} s at the latest`,
      'give --timeout 5m or less; what takes longer has to leave: -- setsid -f COMMAND',
    )
  }
  const asked = {cmd, args, cwd, stdin, env: Object.keys(env).length > 0 ? env : undefined}
  if (Buffer.byteLength(JSON.stringify(asked).replace(escaped, '\\u0000')) > LONGEST_ORDER)
    throw usageError(
      'Nezha takes no more than 4 MiB for a command, with its input, as JSON',
      hint`bring it as a file: ${panelctl('nezha server cp', ['FILE', 'SERVER:/tmp/FILE'])}`,
    )
  return {...asked, timeout_seconds: seconds, max_output_bytes: LONGEST_OUTPUT}
}

/**
 * Runs a command on servers, some at the same time, and gives what came of it in their order.
 * @throws PanelctlError USAGE, before anything is sent
 */
export function runOnServers(run: Calling, servers: readonly NamedServer[], order: Order): Promise<Ran>[] {
  const given = checked(order)
  const called = {...runTool, lasts: order.limit}
  const begun: Promise<Ran>[] = []
  for (const [index, server] of servers.entries()) {
    const before = begun[index - AT_ONCE] ?? Promise.resolve()
    begun.push(Promise.allSettled([before]).then(() => runOn(run, server, called, given)))
  }
  return begun
}

async function runOn(
  run: Calling,
  server: NamedServer,
  called: typeof runTool,
  given: Readonly<Record<string, unknown>>,
): Promise<Ran> {
  try {
    const told = await callTool(run, called, 'server.exec', {...given, server_id: server.id})
    return ranOf(server, told, Number(given.timeout_seconds))
  } catch (error) {
    throw await explained(run, server, error)
  }
}

function ranOf({id, name}: NamedServer, told: Told<ResultOf<typeof runTool>>, seconds: number): Ran {
  const {exit_code, stdout, stderr, timed_out, stdout_truncated, stderr_truncated} = told
  const failed = (text: string) => new PanelctlError('REMOTE_FAILED', text, {panel: 'nezha'})
  const isCut = stdout_truncated || stderr_truncated
  const problem = timed_out
    ? failed(`the command was ended after ${seconds} s, which --timeout sets`)
    : exit_code < 0
      ? failed('the command was ended by a signal')
      : isCut
        ? new PanelctlError('PARTIAL', 'its output is cut off: Nezha gives 1 MiB of each stream', {
            hint: hint`let it write into a file, and fetch that: ${panelctl('nezha server cp', [`${name}:/tmp/FILE`, '-'])}`,
            panel: 'nezha',
          })
        : undefined
  return {
    stdout,
    stderr,
    code: exit_code < 0 ? undefined : exit_code,
    told: {id, ...told},
    problem,
    doubt: replacedBytes([stdout, stderr], 'let it write into a file, and fetch that'),
  }
}

/** What is said before a command goes to its agent. Whatever else is said, also of an agent that is gone by then, it may have run (contracts/nezha.md 3.11). */
const notSent =
  /^(agent offline|agent does not support|permission denied|invalid arguments|[a-z_]+ (required|out of range))/

/** Why it was not run, or may have been. An exit code of 0 is that of an agent which refuses, -1 of one that could not start it (trap 49). */
async function explained(run: Calling, server: NamedServer, error: unknown): Promise<unknown> {
  if (error instanceof PanelctlError && error.code === 'UNCERTAIN') {
    const look = panelctl('nezha server exec', [server.name])
    return reworded(error, {hint: hint`it may have run, or still run there: ${look} -- ps aux`})
  }
  if (!(error instanceof ToolFailed) || error.code !== 'REJECTED') return error
  const code = fieldOf(error.content, 'exit_code')
  const said = error.said.replace(/^agent_error: /, '')
  if (code === 0) {
    return reworded(error, {
      message: `the agent of ${server.name} runs nothing: ${said}`,
      hint: lettingAgent,
    })
  }
  if (code !== undefined) {
    return new PanelctlError('REMOTE_FAILED', `the command did not start: ${said}`, {
      hint: "it is a program with its arguments; for a line of shell: -- sh -c 'LINE'",
      panel: 'nezha',
      cause: error,
    })
  }
  if (notSent.test(error.said)) return unlessOffline(run, server, error)
  const text = `the command went to ${server.name}, and no answer of it came: ${said}`
  return toolInDoubt(text, panelctl('nezha server show', [server.id]), error)
}

/** That something was sent to an agent, and nobody knows what came of it. */
export function toolInDoubt(text: string, look: PanelctlCommand, cause?: unknown): PanelctlError {
  return new PanelctlError('UNCERTAIN', `${text}; it may have been done`, {
    hint: hint`look before you repeat it: ${look}`,
    panel: 'nezha',
    cause,
  })
}

/** The failure of a tool, or that its agent is not there: in other words it says so of one that never was, too. */
export async function unlessOffline(run: Calling, server: NamedServer, error: ToolFailed): Promise<unknown> {
  return (await isReporting(run, server)) ? error : agentGone(server, error)
}

/** That nothing reached an agent. */
export function agentGone({id, name}: NamedServer, cause?: unknown): PanelctlError {
  return new PanelctlError('UNREACHABLE', `the agent of ${name} is offline, and nothing was done`, {
    hint: panelctl('nezha server show', [id]),
    panel: 'nezha',
    cause,
  })
}
