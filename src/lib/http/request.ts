import type {Readable} from 'node:stream'
import type {PanelctlCommand} from '../hint.js'
import type {AnyEndpoint} from './endpoint.js'

/** One request without a schema: what `api` sends, and what each endpoint becomes. */
export interface RawRequest
  extends Pick<
    AnyEndpoint,
    'panel' | 'path' | 'redirects' | 'timeout' | 'lasts' | 'hides' | 'tellsOnce' | 'anonymous' | 'acts'
  > {
  readonly method: string
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
  /** A file as the body, in the place of JSON: it may take as long as it goes on moving. */
  readonly file?: {readonly content: Readable; readonly size: number}
  /** What of the path lets in whoever knows it. */
  readonly secrets?: readonly string[]
  /** Keeps the body as it came, which costs its size in memory. */
  readonly keepBytes?: boolean
  /** True where the request changes nothing and may be repeated. */
  readonly repeatable: boolean
  /** True where it is sent a single time although it changes nothing. */
  readonly once?: boolean
  readonly lookWith?: PanelctlCommand | undefined
  /** Called when the whole request has left. */
  departed?(): void
  /** Ends the request, besides the signal of the run. */
  readonly signal?: AbortSignal | undefined
}
