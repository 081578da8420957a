import {isDeepStrictEqual} from 'node:util'
import {isObject} from '../json-object.js'

/** A field that is to change: its path with dots, what it was and what it becomes; undefined where it was or will not be. */
export interface Difference {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** What differs between two JSON values, in the order of their keys; lists count as a whole. */
export function differencesOf(from: unknown, to: unknown, field = ''): Difference[] {
  if (isDeepStrictEqual(from, to)) return []
  if (!isObject(from) || !isObject(to)) return [{field, from, to}]
  return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap(key =>
    differencesOf(from[key], to[key], field === '' ? key : `${field}.${key}`),
  )
}
