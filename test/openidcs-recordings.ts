import {type HttpRecording, parsed, readRecordings} from './recordings.js'

/** What five versions of OpenIDCS answered, by hand and with the whole life of a VM (contracts/openidcs.md 0). */
export const handMade = [
  'seed-c5ee1c9.jsonl',
  'seed-7a36e7e.jsonl',
  'v0.4.jsonl',
  'v0.5.jsonl',
  'newest-085a23d.jsonl',
  'lifecycle-c5ee1c9.jsonl',
  'lifecycle-085a23d.jsonl',
] as const

/** As the recorder of these files wrote them: JSON bodies as JSON, and the headers of an answer beside its body. */
interface Written {
  readonly id: string
  readonly request: Omit<HttpRecording['request'], 'body'> & {readonly body: unknown}
  readonly response: Omit<HttpRecording['response'], 'headers'> & {
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly 'set-cookie'?: string
    readonly location?: string
    readonly allow?: string
  }
  readonly note?: string
}

/** The recordings of a file in the form that all panels' have. */
export function readOpenidcs(file: string): HttpRecording[] {
  const lines: readonly Written[] = readRecordings<never>('openidcs', file)
  return lines.map(({request, response: {body: text, headers, ...response}, ...rest}) => ({
    ...rest,
    request: {
      ...request,
      body:
        request.body === null || typeof request.body === 'string'
          ? request.body
          : JSON.stringify(request.body),
    },
    response: {
      ...response,
      ...(text === undefined ? {} : {text}),
      headers: headers ?? headersIn(response),
    },
  }))
}

function headersIn(response: object): Record<string, string> {
  const names = ['set-cookie', 'location', 'allow']
  return Object.fromEntries(Object.entries(response).filter(([name]) => names.includes(name)))
}

export interface Envelope {
  readonly code: number
  readonly msg: string
  readonly data: unknown
}

/** The envelope of an answer, undefined where it is in none (1.1). */
export function envelopeIn({response}: HttpRecording): Envelope | undefined {
  if (!response.content_type?.startsWith('application/json')) return undefined
  const json = response.json ?? parsed(response.raw ?? '')
  if (typeof json !== 'object' || json === null || !('code' in json)) return undefined
  return {
    code: Number(json.code),
    msg: 'msg' in json ? String(json.msg) : '',
    data: 'data' in json ? json.data : null,
  }
}
