import {PanelctlError, usageError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {fieldOf, isObject} from '../../json-object.js'
import {askRpc, callRpc} from './endpoints.js'
import {callTwin} from './rest-twins.js'
import {NoSuchMethod, rpcFailure} from './rpc-failure.js'

/** The methods that change nothing, by their names (contracts/komari.md 2.4 to 2.8); all others are sent once. */
const reading =
  /^(common:|rpc\.|guest:|public:(?!recordVisitorEvent$)|client:getPingTasks$|admin:(get|list)[A-Z])/

function reads(method: string): boolean {
  return reading.test(method)
}

/** Calls a method. What the panel leaves out is null: it says nothing where a method gives nothing (2.1, trap 3). */
export async function callMethod(
  api: Api,
  method: string,
  params: unknown,
  write = callRpc,
): Promise<unknown> {
  const body = {jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : {params})} as const
  return api(reads(method) ? askRpc : write, {body})
}

/**
 * Calls a method whose name nobody typed, or the route that does the same where this version has no such method.
 * @throws PanelctlError REJECTED, naming it, where it has neither
 */
export async function callOwn(api: Api, method: string, params: unknown, write = callRpc): Promise<unknown> {
  try {
    return await callMethod(api, method, params, write)
  } catch (error) {
    if (!(error instanceof NoSuchMethod)) throw error
    const lacks = new PanelctlError(
      'REJECTED',
      `this version of Komari cannot do this: it has no ${method}`,
      {
        hint: panelctl('komari version'),
        panel: 'komari',
        cause: error,
      },
    )
    const twin = callTwin(api, method, params, write)
    if (!twin) throw lacks
    return twin.catch((failure: unknown) => {
      // It answers a path that it does not know with its web page, or with 404 (trap 59).
      throw failure instanceof PanelctlError && failure.code === 'BAD_RESPONSE' ? lacks : failure
    })
  }
}

interface BatchRequest extends Record<string, unknown> {
  readonly jsonrpc: '2.0'
  readonly method: string
}

/** A call as the panel takes it: one bad element and it refuses the whole batch (2.1), so that it is found here. */
function requestOf(element: unknown, index: number): BatchRequest {
  const method = fieldOf(element, 'method')
  if (!isObject(element) || typeof method !== 'string' || method === '') {
    throw usageError(`call ${index + 1} of the batch has no method`, 'a call is {"method": …, "params": …}')
  }
  const id = fieldOf(element, 'id') ?? index + 1
  return {...element, jsonrpc: '2.0', method, id}
}

function batchAnswer(request: BatchRequest, answer: unknown): object {
  if (!isObject(answer)) {
    throw new PanelctlError('BAD_RESPONSE', 'Komari answered a batch with something that is no answer', {
      panel: 'komari',
    })
  }
  if (fieldOf(answer, 'error') !== undefined || fieldOf(answer, 'result') !== undefined) return answer
  return {...answer, id: request.id, result: null}
}

/**
 * Sends calls as one request. A single one, in an array or not, is answered with an object (2.1, trap 16).
 * @returns the answers in the order of the calls, and PARTIAL where some of them are errors
 * @throws PanelctlError the first error where all are
 */
export async function callBatch(
  api: Api,
  document: unknown,
): Promise<{data: unknown; problem?: PanelctlError | undefined}> {
  if (!Array.isArray(document)) {
    const {method, params} = requestOf(document, 0)
    return {data: await callMethod(api, method, params)}
  }
  const requests = document.map(requestOf)
  const [first] = requests
  if (!first) throw usageError('the batch holds no call', '[{"method": "common:getVersion"}] holds one')
  const endpoint = requests.every(({method}) => reads(method)) ? askRpc : callRpc
  if (requests.length === 1) {
    return {
      data: [batchAnswer(first, {jsonrpc: '2.0', id: first.id, result: await api(endpoint, {body: first})})],
    }
  }
  const answers = await api(endpoint, {body: requests})
  if (!Array.isArray(answers) || answers.length !== requests.length) {
    throw new PanelctlError('BAD_RESPONSE', 'Komari answered a batch with another number of answers', {
      panel: 'komari',
      hint: endpoint === callRpc ? 'it may have been done: look before you repeat it' : undefined,
    })
  }
  const errors = answers.flatMap(answer => fieldOf(answer, 'error') ?? [])
  const data = requests.map((request, index) => batchAnswer(request, answers[index]))
  if (errors.length === 0) return {data}
  if (errors.length === requests.length) throw rpcFailure(errors[0])
  const {message, hint} = rpcFailure(errors[0])
  return {
    data,
    problem: new PanelctlError(
      'PARTIAL',
      `${errors.length} of ${requests.length} calls failed, the first with: ${message}`,
      {panel: 'komari', hint},
    ),
  }
}
