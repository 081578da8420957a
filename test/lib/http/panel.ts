import {onTestFinished} from 'vitest'
import * as z from 'zod/mini'
import {PanelctlError} from '../../../src/lib/errors.js'
import {hintText} from '../../../src/lib/hint.js'
import {type Client, createClient} from '../../../src/lib/http/client.js'
import type {ClientOptions} from '../../../src/lib/http/client-options.js'
import {endpointsOf} from '../../../src/lib/http/endpoint.js'
import {foreign, type Panel} from '../../../src/lib/http/panel.js'
import type {Target} from '../../../src/lib/http/target.js'
import type {Handler} from '../../../src/lib/sandbox/answer.js'
import {type Listening, listen} from '../../emulated.js'
import {asPrinted} from '../../failure.js'

/** A panel without quirks: its answers are `{"data": …}` or `{"refused": "why"}`. */
export const plain: Panel = {
  name: 'plain',
  title: 'Plain',
  site: 'a Plain panel',
  urlVariable: 'PLAIN_URL',
  credentialVariables: [{kind: 'token', variable: 'PLAIN_TOKEN'}],
  secretFields: new Set(),
  credentialHint: 'ask the person who runs it',
  authorize: ({value}) => ({authorization: value}),
  unwrap({json}) {
    if (typeof json === 'object' && json !== null) {
      if ('data' in json) return json.data
      if ('refused' in json) throw new PanelctlError('REJECTED', String(json.refused), {panel: 'plain'})
    }
    return foreign
  },
  recognize: () => undefined,
}

const endpoint = endpointsOf(plain)

const items = z.array(z.looseObject({id: z.number(), tags: z.optional(z.array(z.string()))}))

export const listItems = endpoint({
  method: 'GET',
  path: '/items',
  query: z.object({tag: z.optional(z.string())}),
  result: items,
  retry: 'reads',
})

export const addItem = endpoint({
  method: 'POST',
  path: '/items',
  body: z.object({name: z.optional(z.string()), password: z.optional(z.string())}),
  result: z.looseObject({id: z.number()}),
  retry: 'never',
  lookWith: 'plain item list',
})

export const token = 'the-secret-token'

export interface Harness extends Listening {
  readonly client: Client
  readonly warnings: string[]
  readonly debugged: string[]
}

/** A server on loopback, and a client for it that repeats a read once. */
export async function connected(
  handler: Handler,
  options: Partial<ClientOptions> = {},
  target: Partial<Target> = {},
): Promise<Harness> {
  const server = await listen({handler, now: Date.now})
  onTestFinished(() => server.close())
  const [warnings, debugged]: [string[], string[]] = [[], []]
  const client = createClient(
    async () => ({
      url: server.url,
      credential: async () => ({kind: 'token', value: token}),
      caFile: undefined,
      insecure: false,
      acceptedRisks: {insecure: false, plainHttp: false},
      ...target,
    }),
    {
      timeout: 5000,
      retries: 1,
      dryRun: false,
      userAgent: 'panelctl/test',
      signal: new AbortController().signal,
      warn: text => warnings.push(hintText(text)),
      debug: line => debugged.push(line),
      ...options,
    },
  )
  return {...server, client, warnings, debugged}
}

/** An answer in the panel's envelope. */
export function data(value: unknown, status = 200) {
  return json({data: value}, status)
}

export function json(value: unknown, status = 200) {
  return {
    status,
    headers: {'Content-Type': 'application/json; charset=utf-8'},
    body: typeof value === 'string' ? value : JSON.stringify(value),
  }
}

/** The PanelctlError that a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<PanelctlError & {readonly hint?: string}> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof PanelctlError) return asPrinted(error)
  throw error
}
