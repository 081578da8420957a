import {type Fields, isObject, textIn} from '../../json-object.js'
import {type Machine, type Output, runProgram} from '../../shell.js'
import type {NezhaServer} from '../fleet.js'
import {type Caller, owns, some} from './call.js'
import {isReachable} from './servers.js'
import type {DashboardState} from './state.js'

/** Why a tool did not do it, perhaps with what it has to show all the same. */
export class ToolFailed extends Error {
  constructor(
    message: string,
    readonly content?: Fields,
  ) {
    super(message)
  }
}

export interface ToolCall {
  readonly caller: Extract<Caller, {kind: 'pat'}>
  readonly state: DashboardState
  readonly given: Fields
  /** What the dashboard takes itself for: signed addresses begin with it. */
  readonly host: string
}

export interface Tool {
  readonly scope?: string
  readonly description: string
  readonly run: (call: ToolCall) => Fields
}

export function serverOf({caller, state, given}: ToolCall): NezhaServer | undefined {
  const server = state.server(Number(given.server_id))
  return server && owns(caller, server) ? server : undefined
}

/** The server of a call whose agent takes it; of one that never reported it is not known what it can do (3.11). */
export function agentOf(call: ToolCall): NezhaServer {
  const server = serverOf(call)
  if (server?.agent.kind === 'none')
    throw new ToolFailed('agent does not support this MCP capability; please upgrade the agent')
  if (!server || !isReachable(server, call.state)) throw new ToolFailed('agent offline')
  return server
}

export function refusesCommands(server: NezhaServer, state: DashboardState): boolean {
  return state.agentConfigs.get(server.uuid)?.disable_command_execute === true
}

/** The machine of a server, as a command on it finds it. */
function machineOf(server: NezhaServer, state: DashboardState, stdin: string): Machine {
  const files = state.filesOf(server)
  return {
    hostname: server.name,
    stdin,
    read: path => files.get(path)?.bytes.toString(),
    write: (path, text) => files.set(path, {bytes: Buffer.from(text), mode: '0644'}),
  }
}

/** A stream as far as it is given. */
function cut(text: string, most: number): {readonly text: string; readonly isCut: boolean} {
  const bytes = Buffer.from(text)
  return {text: bytes.subarray(0, most).toString(), isCut: bytes.length > most}
}

const LONGEST_OUTPUT = 1 << 20

/** `server.exec`: no shell, and an exit code of 0 where the agent refuses (trap 49). */
export function runCommand(call: ToolCall): Fields {
  const {given, state} = call
  const cmd = textIn(given, 'cmd')
  const {timeout_seconds, max_output_bytes, args} = given
  const seconds = Number(timeout_seconds) || 30
  if (cmd === '') throw new ToolFailed('cmd required')
  if (seconds < 1 || seconds > 300) throw new ToolFailed('timeout_seconds out of range; must be 1..300')
  const server = agentOf(call)
  if (refusesCommands(server, state)) throw refused('agent disabled command execution', 0)
  const cwd = textIn(given, 'cwd')
  if (cwd !== '' && !cwd.startsWith('/')) throw refused('command or working directory not found', -1)
  const words = [cmd, ...(Array.isArray(args) ? args.map(String) : [])]
  const output = ran(words, machineOf(server, state, textIn(given, 'stdin')), given.env)
  if (!output) throw refused('executable file not found', -1)
  const most = Math.min(Number(max_output_bytes) || 65_536, LONGEST_OUTPUT)
  const [stdout, stderr] = [cut(output.stdout, most), cut(output.stderr, most)]
  const isLate = output.ms > seconds * 1000
  return {
    exit_code: isLate ? -1 : (output.code ?? -1),
    stdout: stdout.text,
    stderr: stderr.text,
    duration_ms: isLate ? seconds * 1000 : output.ms,
    timed_out: some(isLate),
    stdout_truncated: some(stdout.isCut),
    stderr_truncated: some(stderr.isCut),
  }
}

function ran(words: readonly string[], machine: Machine, env: unknown): Output | undefined {
  const [name, variable = ''] = words
  const value = isObject(env) ? env[variable] : undefined
  if (name === 'printenv' && value !== undefined) return runProgram(['echo', String(value)], machine)
  return runProgram(words, machine)
}

function refused(error: string, exit_code: number): ToolFailed {
  return new ToolFailed(`agent_error: ${error}`, {
    exit_code,
    stdout: '',
    stderr: '',
    duration_ms: 0,
    error,
  })
}
