import type {Api} from '../http/client.js'
import type {Resource, Row} from './resource.js'

/** What can be done with things of a resource besides what can be done with all. */
export interface Verb {
  readonly resource: Resource
  readonly word: string
  readonly summary: string
  /** What else there is to say of it in help. */
  readonly remark: string
  /** Does it with one that a list has just shown. */
  perform(api: Api, row: Row): Promise<unknown>
  /** What of it came to nothing after all, as a look afterwards shows: a warning. */
  missed?(run: {readonly api: Api; now(): Date}, row: Row, name: string): Promise<string | undefined>
  /** What was done with the one of this name. */
  done(name: string): string
}
