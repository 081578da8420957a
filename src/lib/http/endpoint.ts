import type {z} from 'zod/mini'
import {usageError} from '../errors.js'
import {type PanelctlCommand, panelctl} from '../hint.js'
import type {Panel} from './panel.js'

/** What happens to a request whose answer did not come: `reads` are repeated, anything else `never` is. */
export type RetryClass = 'reads' | 'never'

/** The names after `:` in a path, as an object type: `/a/:host/:vm` takes `{host, vm}`. */
export type PathParameters<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? {[K in Name]: string | number} & PathParameters<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? {[K in Name]: string | number}
    : unknown

export interface EndpointDefinition<Path extends string, Query, Body, Result> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the panel's URL; `:name` parts are path parameters, percent-encoded when filled in. */
  readonly path: Path
  /** Shape of the query; keys that are `undefined` are not sent. */
  readonly query?: z.core.$ZodType<unknown, Query>
  /** Shape of the JSON body. */
  readonly body?: z.core.$ZodType<unknown, Body>
  /** Shape of the data after the panel's envelope is taken off. Loose, so that unknown fields survive. */
  readonly result: z.core.$ZodType<Result>
  /** The generations of the panel that have it, where not all do. */
  readonly generations?: readonly string[]
  /** Reads are repeated on connection errors, 408, 429 and 5xx. A write is only ever sent once. */
  readonly retry: RetryClass
  /** A read that is not repeated all the same: that it fails says something, too. */
  readonly once?: true
  /** The cookie with which the panel redirects: where that leads is the result. What stands before it sets no such cookie. */
  readonly redirects?: string
  /** Milliseconds an attempt may take where `--timeout` was not given; the common default else. */
  readonly timeout?: number
  /** Milliseconds that what it asks for may take by itself: an attempt may take that longer. */
  readonly lasts?: number
  /** The fields of the body, at any depth, that are a person's own and that no log repeats. */
  readonly hides?: readonly string[]
  /** The command that shows whether a write in doubt was done; `:name` parts are those of the path. */
  readonly lookWith?: string
  /** True where the answer holds what is never told again: a signal does not cut it off. */
  readonly tellsOnce?: true
  /** True where no credential is needed: none is looked up, and none goes along. */
  readonly anonymous?: true
  /** True where a read does something besides, so that `--dry-run` shows it in place of sending it. */
  readonly acts?: true
}

/** One call of a panel as a value: what is sent, what comes back, and whether it may be repeated. */
export interface Endpoint<Path extends string = string, Query = unknown, Body = unknown, Result = unknown>
  extends EndpointDefinition<Path, Query, Body, Result> {
  readonly panel: Panel
}

/** An endpoint of whatever shapes. */
export interface AnyEndpoint extends Omit<Endpoint, 'query' | 'body' | 'result'> {
  readonly query?: z.core.$ZodType
  readonly body?: z.core.$ZodType
  readonly result: z.core.$ZodType
}

type Field<Name extends string, Value> = unknown extends Value ? unknown : {[K in Name]: Value}
type PathField<Path extends string> =
  unknown extends PathParameters<Path> ? unknown : {path: PathParameters<Path>}

/** What a caller hands over with an endpoint: `path`, `query` and `body`, each only if the endpoint has it. */
export type InputOf<E> =
  E extends Endpoint<infer Path, infer Query, infer Body, infer _Result>
    ? PathField<Path> & Field<'query', Query> & Field<'body', Body>
    : never

export type ResultOf<E> =
  E extends Endpoint<infer _Path, infer _Query, infer _Body, infer Result> ? Result : never

export type BodyOf<E> =
  E extends Endpoint<infer _Path, infer _Query, infer Body, infer _Result> ? Body : never

/** A WebSocket of a panel as a value: each frame that is sent is answered with one, or frames come by themselves. */
export interface Channel<Result> {
  readonly panel: Panel
  readonly path: string
  readonly generations?: readonly string[]
  /** Shape of the data in a frame after the panel's envelope is taken off. Loose, as of an endpoint. */
  readonly result: z.core.$ZodType<Result>
  /** The panel's clock, where a frame tells it: the `Date` of the answers may be a proxy's. */
  readonly clock?: (result: Result) => Date
}

/** Makes the channel factory of one panel. */
export function channelsOf(panel: Panel) {
  return <Result>(definition: Omit<Channel<Result>, 'panel'>): Channel<Result> => ({...definition, panel})
}

/** Makes the endpoint factory of one panel. */
export function endpointsOf(panel: Panel) {
  return <const Path extends string, Result, Query = unknown, Body = unknown>(
    definition: EndpointDefinition<Path, Query, Body, Result>,
  ): Endpoint<Path, Query, Body, Result> => ({...definition, panel})
}

/** Makes the factory of the reads of one panel: what is asked with GET, and may be asked again. */
export function readsOf(panel: Panel) {
  return <const Path extends string, Result, Query = unknown>(
    definition: Omit<EndpointDefinition<Path, Query, unknown, Result>, 'method' | 'body' | 'retry'>,
  ): Endpoint<Path, Query, unknown, Result> => ({...definition, method: 'GET', retry: 'reads', panel})
}

/**
 * Fills a path template. Every value is percent-encoded as one segment.
 * @throws TypeError when a parameter is missing: a bug in a command, not in its input.
 * @throws PanelctlError USAGE for what no encoding keeps a segment: it would be another path, so another call
 */
export function fillPath(path: string, parameters: Readonly<Record<string, string | number>>): string {
  return path.replace(/:([A-Za-z]\w*)/g, (_, name: string) => {
    const value = parameters[name]
    if (value === undefined) throw new TypeError(`path parameter ${name} of ${path} is missing`)
    const segment = String(value)
    if (['', '.', '..'].includes(segment) || /\p{Surrogate}/u.test(segment)) {
      throw usageError(`${name} cannot be "${segment}": no path can hold that`)
    }
    return encodeURIComponent(segment)
  })
}

/** A command of a template as `panel nat list :host :vm`, whose `:name` parts are filled in as its arguments. */
export function fillCommand(
  template: string,
  parameters: Readonly<Record<string, string | number>>,
): PanelctlCommand {
  const words = template.split(' ')
  return panelctl(
    words.filter(word => !word.startsWith(':')).join(' '),
    words.filter(word => word.startsWith(':')).map(word => parameters[word.slice(1)] ?? ''),
  )
}

/**
 * Where a request goes: the panel's URL, exactly one slash, the path, and the query percent-encoded. A
 * percent sign and a semicolon that stand for themselves are encoded too.
 */
export function requestUrl(base: string, path: string, query?: Readonly<Record<string, unknown>>): URL {
  const [own = '', ...asked] = path.replace(/%(?![\da-f]{2})/gi, '%25').split('?')
  // Go drops a parameter with a bare semicolon, and a filter that is dropped answers with everything.
  const filters = asked.length === 0 ? '' : `?${asked.join('?').replaceAll(';', '%3B')}`
  const url = new URL(`${base.replace(/\/+$/, '')}/${own.replace(/^\/+/, '')}${filters}`)
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue
    url.searchParams.append(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  return url
}
