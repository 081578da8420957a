import {isUtf8} from 'node:buffer'
import type {IncomingHttpHeaders} from 'node:http'
import * as z from 'zod/mini'
import type {PanelctlError} from '../errors.js'
import {withIntegersOf} from '../exact-integers.js'
import {statusFailure} from './answer-failure.js'
import {isAsItCame} from './as-it-came.js'
import {clockOf} from './clock.js'
import {withoutCodings} from './content-coding.js'
import {badResponse, brokenBody, type Call, unreadable} from './failure.js'
import {foreignFailure} from './gateway.js'
import type {Answer} from './panel.js'
import {DEEPEST, parseJson, TooDeep} from './parse-json.js'

function isJson({'content-type': type = ''}: IncomingHttpHeaders): boolean {
  return /^application\/([\w.+-]*\+)?json\b/i.test(type)
}

/**
 * In UTF-8, also where the panel says that it is in another charset; some name one and send UTF-8 all the same. A page says
 * so in its beginning where its server does not.
 */
function inUtf8(headers: IncomingHttpHeaders, body: Buffer): Buffer {
  if (isUtf8(body)) return body
  const beginning = isJson(headers) ? '' : body.subarray(0, 1024).toString('latin1')
  const charset = (/;\s*charset="?([\w-]+)/i.exec(headers['content-type'] ?? '') ??
    /<meta\b[^>]*\bcharset\s*=\s*["']?([\w-]+)/i.exec(beginning))?.[1]
  if (charset === undefined) return body
  try {
    return Buffer.from(new TextDecoder(charset).decode(body))
  } catch {
    // A charset that nobody knows.
    return body
  }
}

/** Adds to `seen` those of the fields that a text of JSON has. */
function secretsIn(fields: ReadonlySet<string>, seen: Set<string>): (text: string) => void {
  // One search for all; a name may be written with escapes (`server\u005fpass`), which none finds.
  const any = new RegExp(`"(?:${[...fields].join('|')})"|\\\\u00`)
  return text => {
    if (!any.test(text)) return
    const hasEscapes = text.includes('\\u00')
    for (const field of fields) {
      if (!seen.has(field) && (hasEscapes || text.includes(`"${field}"`))) seen.add(field)
    }
  }
}

/**
 * The answer as it came, with its document parsed; adds to `secretsSeen` the panel's secret fields in it.
 * @throws PanelctlError BAD_RESPONSE for broken JSON or what no coding is known of, UNCERTAIN where it answers a write, else what its status says
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
  const {'content-encoding': codings, ...headers} = response.headers
  const status = response.statusCode
  const common = {
    method: call.method,
    url,
    ledTo: response.redirectUrls?.at(-1),
    status,
    headers,
    credential,
    date: clockOf(headers),
  }
  /** Where a body cannot be read, what its status says counts. */
  function broken(failure: PanelctlError): PanelctlError {
    return statusFailure(call, {...common, json: undefined, text: ''}) ?? unreadable(call, failure)
  }
  const decoded = withoutCodings(response.body, codings)
  if ('reason' in decoded)
    throw broken(badResponse(call, `with ${decoded.reason}`, {status, hint: decoded.hint}))
  const body = inUtf8(response.headers, decoded)
  if (!isJson(response.headers) || body.length === 0)
    return {...common, bytes: keep ? decoded : undefined, json: undefined, text: body.toString()}
  const look = secretsIn(call.panel.secretFields, secretsSeen)
  try {
    const json = parseJson(body, look)
    const own = call.panel.clock?.(json)
    const date = own === undefined ? common.date : clockOf(headers, own)
    return {...common, bytes: keep ? body : undefined, json, text: '', date}
  } catch (cause) {
    const problem = cause instanceof TooDeep ? `JSON of more than ${DEEPEST} levels` : 'broken JSON'
    throw broken(brokenBody(call, `with ${problem} (${body.length} bytes)`, {status, cause}))
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
export function parseResult<Result>(
  shape: z.core.$ZodType<Result>,
  data: unknown,
  call: Call,
  answer: Answer,
): Result {
  if (isAsItCame(shape, data)) return data
  const parsed = z.safeParse(shape, data)
  if (parsed.success) return withIntegersOf(data, parsed.data)
  // Without an envelope nothing but its shape says whose it is.
  if (data === answer.json) throw foreignFailure(call, answer)
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
