import {setTimeout as pause} from 'node:timers/promises'
import {PanelctlError} from '../../errors.js'
import {hint, type PanelctlCommand, panelctl} from '../../hint.js'
import type {Client} from '../../http/client.js'
import type {ResultOf} from '../../http/endpoint.js'
import {type Ran, replacedBytes} from '../../outcome.js'
import {shellWord} from '../../shell-word.js'
import {showTask, startTask} from './endpoints.js'
import {findNode, readNodes} from './nodes.js'
import type {Node} from './schemas.js'

// contracts/komari.md 3.4, 7.7.

/** What running commands takes of a run. */
interface Running {
  readonly client: Client
  readonly signal: AbortSignal
}

type Row = NonNullable<ResultOf<typeof showTask>['results']>[number]

/** What an agent says that takes no commands, with an exit code of -1 as for what a signal ended (trap 55). */
const REFUSED = 'Remote control is disabled.'

// Soon at first: most commands are quick.
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 2000

/**
 * The nodes of these uuids, unique names or beginnings, each once: one that is named twice would run it twice (trap 55).
 * @throws PanelctlError as `findNode`
 */
export async function nodesNamed(
  client: Client,
  references: readonly string[],
  note: (text: string) => void,
): Promise<Node[]> {
  const nodes = await readNodes(client, note, {shows: 'states'})
  return [...new Set(references.map(reference => findNode(nodes, reference)))]
}

/** A word alone is a line for the shell of the node; several are a program and its arguments. */
export function lineOf(words: readonly string[]): string {
  const [only = '', ...more] = words
  return more.length === 0 ? only : words.map(shellWord).join(' ')
}

/**
 * Runs a line of shell on nodes, sent once for all of them, and gives what came of it in their order. Who has not answered
 * within the time (ms) may still be running it.
 */
export function runOnNodes(
  run: Running,
  nodes: readonly Node[],
  {line, limit}: {readonly line: string; readonly limit: number},
): Promise<Ran>[] {
  const task = answered(run, nodes, line, limit)
  return nodes.map(async node => {
    const {id, reached, rows} = await task
    const offline = new PanelctlError(
      'UNREACHABLE',
      `the agent of ${node.name} is offline, and nothing was run`,
      {
        hint: panelctl('komari node status', [node.name]),
        panel: 'komari',
      },
    )
    if (!reached.has(node.uuid)) throw offline
    return ranOf(node, {id, limit, row: rows.find(({client}) => client === node.uuid)})
  })
}

/** Sends it, and looks until all whom it reached have answered or the time is over. */
async function answered({client, signal}: Running, nodes: readonly Node[], command: string, limit: number) {
  const clients = nodes.map(({uuid}) => uuid)
  const started = await client.call(startTask, {body: {command, clients}}).catch((error: unknown) => {
    // What is asked for is complete: it says that none of them is connected.
    if (error instanceof PanelctlError && error.code === 'REJECTED' && error.status === 400) return undefined
    throw error
  })
  const {task_id: id = '', clients: open, queued_clients: queued} = started ?? {}
  const reached = new Set([...(open ?? []), ...(queued ?? [])])
  const end = performance.now() + limit
  // A look that hangs takes a second longer than that at most.
  const ended = AbortSignal.timeout(limit + 1000)
  const looking = AbortSignal.any([signal, ended])
  let rows: readonly Row[] = []
  for (let wait = FIRST_PAUSE; reached.size > 0; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    await pause(Math.max(1, Math.min(wait, end - performance.now())), undefined, {signal})
    const before = rows
    rows = await client.call(showTask, {path: {id}}, looking).then(
      ({results}) => results ?? [],
      error => (ended.aborted && !signal.aborted ? before : lost(id)(error)),
    )
    const finished = rows.filter(row => row.finished_at !== null && reached.has(row.client))
    if (finished.length >= reached.size || performance.now() >= end) break
  }
  return {id, reached, rows}
}

function lookLater(id: string): PanelctlCommand {
  return panelctl('komari rpc', ['admin:getTaskById'], {flags: {field: `task_id=${id}`}})
}

/** The results that could not be read, of what was begun: whoever repeats it does it twice. */
function lost(id: string): (error: unknown) => never {
  return error => {
    if (!(error instanceof PanelctlError)) throw error
    throw new PanelctlError(
      'UNCERTAIN',
      `it was begun, and what came of it could not be read: ${error.message}`,
      {
        hint: hint`look later: ${lookLater(id)}`,
        panel: 'komari',
        status: error.status,
        cause: error,
      },
    )
  }
}

function ranOf({uuid, name}: Node, {id, limit, row}: {id: string; limit: number; row: Row | undefined}): Ran {
  if (!row || row.finished_at === null) {
    const text = `no answer of ${name} within ${limit / 1000} s, which --timeout sets: it may still run there`
    return {
      stdout: '',
      stderr: '',
      code: undefined,
      told: {uuid, task_id: id, exit_code: null, result: ''},
      problem: new PanelctlError('WAIT_TIMEOUT', text, {
        hint: hint`look later: ${lookLater(id)}`,
        panel: 'komari',
      }),
    }
  }
  const {result, exit_code, finished_at} = row
  const isRun = exit_code !== null && exit_code >= 0
  if (!isRun && result === REFUSED) {
    throw new PanelctlError('REJECTED', `the agent of ${name} runs nothing: ${result}`, {
      hint: 'where that is wanted, start it without --disable-web-ssh',
      panel: 'komari',
    })
  }
  return {
    stdout: result,
    stderr: '',
    code: isRun ? exit_code : undefined,
    told: {uuid, task_id: id, exit_code, result, finished_at},
    problem: isRun
      ? undefined
      : new PanelctlError('REMOTE_FAILED', 'the command was ended by a signal, or did not start', {
          panel: 'komari',
        }),
    doubt: replacedBytes([result], 'let it print that as base64'),
  }
}
