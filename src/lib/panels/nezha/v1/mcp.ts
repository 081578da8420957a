import {setTimeout as pause} from 'node:timers/promises'
import * as z from 'zod/mini'
import {PanelctlError, reworded} from '../../../errors.js'
import type {Client} from '../../../http/client.js'
import type {Endpoint} from '../../../http/endpoint.js'
import type {Panel} from '../../../http/panel.js'
import {retryDelay} from '../../../http/retry.js'
import {endpoint, nezha} from '../panel.js'
import {newToken} from './envelope.js'
import {folder, piece, ran, ticket, whoAmIResult} from './schemas.js'
import {isTooMany, isTurnedAway, toolFailure} from './tool-failed.js'

// contracts/nezha.md 3.11: of v2.1 and newer, of API tokens alone.

const tool = {
  method: 'POST',
  path: '/mcp',
  generations: ['v2'],
  body: z.object({
    jsonrpc: z.literal('2.0'),
    id: z.number(),
    method: z.literal('tools/call'),
    params: z.object({name: z.string(), arguments: z.record(z.string(), z.unknown())}),
  }),
} as const

/** Its arguments, its input and what it is told are a person's own. */
export const runTool = endpoint({
  ...tool,
  result: ran,
  retry: 'never',
  hides: ['args', 'env', 'stdin'],
  lookWith: 'nezha server status',
})

export const listFolder = endpoint({...tool, result: folder, retry: 'reads'})

export const readBytes = endpoint({...tool, result: piece, retry: 'reads'})

/** Whose an API token is, and what it may do. */
export const whoAmI = endpoint({...tool, result: whoAmIResult, retry: 'reads'})

/** Only whoever uses it changes something. */
export const askTicket = endpoint({...tool, result: ticket, retry: 'reads', acts: true})

type Tool<Result> = Endpoint<'/mcp', unknown, z.infer<typeof tool.body>, Result>

/** What a tool tells where it did it. */
export type Told<Result> = Result extends {isError?: false | undefined; structuredContent: infer Content}
  ? Content
  : never

/** What talking to tools takes of a run. */
export interface Calling {
  readonly client: Client
  readonly signal: AbortSignal
  /** By the panel's clock. */
  now(): Date
}

/** What a command has at hand of that. */
export function calling(run: {client(panel: Panel): Client; signal: AbortSignal; now(): Date}): Calling {
  return {client: run.client(nezha), signal: run.signal, now: run.now}
}

/** Milliseconds after which there is room for more calls of a token, however many there were. */
const A_MINUTE = 60_000

/**
 * Calls a tool; again where the token has made too many calls, of which none was taken.
 * @throws PanelctlError AUTH where the token may not, REJECTED where it is switched off or this version has none, else as `call`
 */
export async function callTool<Result extends {isError?: boolean | undefined; structuredContent?: unknown}>(
  {client, signal}: Calling,
  called: Tool<Result>,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<Told<Result>> {
  const params = {name, arguments: given}
  const body: z.infer<typeof tool.body> = {jsonrpc: '2.0', id: 1, method: 'tools/call', params}
  const started = Date.now()
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await client.call<Tool<Result>>(called, {body})
      if (result.isError) throw toolFailure(result)
      return result.structuredContent as Told<Result>
    } catch (error) {
      // Only the dashboard's own word says of a write that it was not taken.
      const isAgain = isTooMany(error) || (called.retry === 'reads' && isTurnedAway(error))
      if (!isAgain || Date.now() - started > A_MINUTE) throw await ofOlder(client, error)
      await pause(retryDelay(attempt), undefined, {signal})
    }
  }
}

async function isOfV1(client: Client): Promise<boolean> {
  return (await client.generation(nezha).catch(() => undefined)) === 'v1'
}

function tooOld(cause?: unknown): PanelctlError {
  const text = 'Nezha v1 cannot do this: commands and files need Nezha 2.1'
  return new PanelctlError('REJECTED', text, {panel: 'nezha', cause})
}

/** What stands at `/mcp` of a version without it is a page. */
async function ofOlder(client: Client, error: unknown): Promise<unknown> {
  if (!(error instanceof PanelctlError) || error.status !== 404) return error
  if (await isOfV1(client)) return tooOld(error)
  return reworded(error, {
    hint: 'commands and files need Nezha 2.1; does what stands before it pass /mcp on?',
  })
}

/**
 * Makes sure that it is an API token that goes along, as anything else counts as a wrong one.
 * @throws PanelctlError AUTH, or REJECTED where the panel takes none
 */
export async function requireToken(client: Client): Promise<void> {
  const kind = await client.credentialKind(nezha)
  if (kind === 'token') return
  if (await isOfV1(client)) throw tooOld()
  throw new PanelctlError('AUTH', `commands and files take an API token (nzp_…), and not a ${kind}`, {
    hint: newToken('one'),
    panel: 'nezha',
  })
}
