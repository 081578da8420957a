import type {Api, Client} from '../lib/http/client.js'
import type {AnyEndpoint, InputOf, ResultOf} from '../lib/http/endpoint.js'

/** What a panel's functions take of a connection. */
export interface ConnectedClient {
  readonly client: Client
  readonly api: Api
  note(text: string): void
  /** By the panel's clock. */
  now(): Date
}

type Arguments<Input> = unknown extends Input ? [] : [input: Input]

function isEndpoint(value: unknown): value is AnyEndpoint {
  return typeof value === 'object' && value !== null && 'retry' in value
}

/** A function for each endpoint of a table; what else is in it, such as channels, has none. */
export function callsOf<const Table extends object>({client}: ConnectedClient, table: Table) {
  const calls = Object.entries(table)
    .filter((entry): entry is [string, AnyEndpoint] => isEndpoint(entry[1]))
    .map(([name, endpoint]) => [name, (input: object = {}) => client.call(endpoint, input as never)])
  return Object.fromEntries(calls) as {
    readonly [K in keyof Table as Table[K] extends AnyEndpoint | undefined ? K : never]: (
      ...input: Arguments<InputOf<NonNullable<Table[K]>>>
    ) => Promise<ResultOf<NonNullable<Table[K]>>>
  }
}
