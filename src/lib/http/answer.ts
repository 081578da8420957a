import {isUtf8} from 'node:buffer'
import type {IncomingHttpHeaders} from 'node:http'
import * as z from 'zod/mini'
import {withIntegersOf} from '../exact-integers.js'
import {statusFailure} from './answer-failure.js'
import {badResponse, brokenBody, type Call, inDoubt, unreadable} from './failure.js'
import type {Answer} from './panel.js'
import {DEEPEST, parseJson, TooDeep} from './parse-json.js'

function isJson(answer: {headers: Answer['headers']}): boolean {
  return /^application\/([\w.+-]*\+)?json\b/i.test(String(answer.headers['content-type'] ?? ''))
}

/** In UTF-8, also where the panel says that it is in another charset; some name one and send UTF-8 all the same. */
function inUtf8({headers, body}: {headers: IncomingHttpHeaders; body: Buffer}): Buffer {
  const charset = /;\s*charset="?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset === undefined || isUtf8(body)) return body
  try {
    return Buffer.from(new TextDecoder(charset).decode(body))
  } catch {
    // A charset that nobody knows.
    return body
  }
}

/**
 * The answer as it came, with its document parsed; adds to `secretsSeen` the panel's secret fields in it.
 * @throws PanelctlError BAD_RESPONSE for broken JSON, UNCERTAIN where it answers a write, else what its status says
 */
export function readAnswer(
  call: Call,
  url: URL,
  response: {
    readonly statusCode: number
    readonly headers: IncomingHttpHeaders
    readonly body: Buffer
    /** The redirects that were followed. */
    readonly redirectUrls?: readonly URL[]
  },
  {
    credential,
    keep,
    secretsSeen,
  }: {credential: string | undefined; keep?: boolean | undefined; secretsSeen: Set<string>},
): Answer {
  const {date: told = '', age = '0'} = response.headers
  // A cache gives the date of the panel with it, and how many seconds ago that was.
  const date = Date.parse(told) + (Number(age) || 0) * 1000
  const common = {
    method: call.method,
    url,
    ledTo: response.redirectUrls?.at(-1),
    status: response.statusCode,
    headers: response.headers,
    credential,
    bytes: keep ? response.body : undefined,
    date: Number.isNaN(date) ? undefined : new Date(date),
  }
  const body = inUtf8(response)
  if (!isJson(response) || body.length === 0) return {...common, json: undefined, text: body.toString()}
  // A name may be written with escapes (`server\u005fpass`), which a search through the bytes does not find.
  const hasEscapes = body.includes('\\u00')
  for (const field of call.panel.secretFields) {
    if (hasEscapes || body.includes(`"${field}"`)) secretsSeen.add(field)
  }
  try {
    return {...common, bytes: keep ? body : undefined, json: parseJson(body), text: ''}
  } catch (cause) {
    const problem = cause instanceof TooDeep ? `JSON of more than ${DEEPEST} levels` : undefined
    // A document that is cut off: for a write, what was done is not known.
    if (call.writes && response.statusCode < 300)
      throw inDoubt(call, problem ? `the answer was ${problem}` : 'the answer was cut off', {
        status: response.statusCode,
      })
    throw (
      statusFailure(call, {...common, json: undefined, text: ''}) ??
      brokenBody(call, `with ${problem ?? 'broken JSON'} (${body.length} bytes)`, {
        status: response.statusCode,
        cause,
      })
    )
  }
}

function describeIssue(error: z.core.$ZodError): string {
  const issue = error.issues[0]
  if (!issue) return 'unknown shape'
  const path = issue.path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return `${path.replace(/^\./, '') || 'the answer'}: ${issue.message}`
}

/**
 * The data in the shape that it is to have.
 * @throws PanelctlError BAD_RESPONSE where it has another, UNCERTAIN where it answers a write
 */
export function parseResult<Result>(shape: z.core.$ZodType<Result>, data: unknown, call: Call): Result {
  const parsed = z.safeParse(shape, data)
  if (parsed.success) return withIntegersOf(data, parsed.data)
  const failure = badResponse(
    call,
    `in a shape that panelctl does not know: ${describeIssue(parsed.error)}`,
    {
      hint: 'run it again with --debug and report it, with the version of the panel',
      cause: parsed.error,
    },
  )
  throw unreadable(call, failure)
}
