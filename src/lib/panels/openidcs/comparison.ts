import {isDeepStrictEqual} from 'node:util'
import type {Configuration} from './configuration.js'
import {fieldsOf} from './loose-values.js'

/** What became of the fields of a write, by their names: `nic_all.eth0.ip4_addr`. */
export interface Comparison {
  /** Those of the configuration itself that were to change and are now as they were sent, in whole. */
  readonly taken: readonly string[]
  /** Those that the panel has otherwise than they were sent. */
  readonly lost: readonly string[]
  /** Those that it had not before and has not now: this version does not know them. */
  readonly unknown: readonly string[]
}

interface Places {
  /** Before the write. */
  readonly before: unknown
  /** After it. */
  readonly found: unknown
}

interface Deviation {
  readonly field: string
  readonly isUnknown: boolean
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

/** Whether it says nothing: what is not there, an empty text, object or list. */
export function isEmpty(value: unknown): boolean {
  return (
    isNothing(value) || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  )
}

/** Types are as they come (contracts/openidcs.md trap 11). */
function isSame(one: unknown, other: unknown): boolean {
  if (isDeepStrictEqual(one, other)) return true
  const isScalar = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  return isScalar(one) && isScalar(other) && String(one) === String(other)
}

/** What was taken out of an object, and is there as it was. */
function remaining(sent: Configuration, {before, found}: Places): string[] {
  const inside = fieldsOf(found)
  return Object.entries(fieldsOf(before))
    .filter(([name, value]) => {
      if (Object.hasOwn(sent, name) || isEmpty(value)) return false
      // A card that is gone is gone; a field that is left out gets its default, which may be what it was, and an
      // address of the network card is made out of that of the internet (3.3).
      return typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(inside, name)
    })
    .map(([name]) => name)
}

function deviationsOf(sent: unknown, {before, found}: Places, path: readonly string[]): Deviation[] {
  // What was not to be changed is not asked about: the panel makes some of it anew (2.3 no. 20).
  if (isSame(before, sent) || isSame(found, sent)) return []
  const deviation = (name?: string) => ({
    field: [...path, ...(name === undefined ? [] : [name])].join('.'),
    // A field of the configuration, or one of a card or the like; the names of those are no fields.
    isUnknown: name === undefined && path.length !== 2 && isNothing(before) && isNothing(found),
  })
  if (isEmpty(sent)) {
    // The panel may fill in what was emptied, but not with what it was.
    const isEmptied = isEmpty(found) || (typeof sent === 'string' && !isSame(found, before))
    return isEmptied ? [] : [deviation()]
  }
  if (typeof sent !== 'object' || isNothing(found)) return [deviation()]
  if (Array.isArray(sent)) {
    if (!Array.isArray(found) || found.length !== sent.length) return [deviation()]
    if (sent.some((one, index) => typeof one !== 'object' && !isSame(found[index], one))) return [deviation()]
    const earlier = Array.isArray(before) ? before : []
    return sent.flatMap((one, index) =>
      deviationsOf(one, {before: earlier[index], found: found[index]}, [...path, String(index)]),
    )
  }
  const earlier = fieldsOf(before)
  const inside = fieldsOf(found)
  return [
    ...remaining(fieldsOf(sent), {before, found}).map(deviation),
    ...Object.entries(fieldsOf(sent)).flatMap(([name, one]) =>
      deviationsOf(one, {before: earlier[name], found: inside[name]}, [...path, name]),
    ),
  ]
}

/**
 * Compares what was sent with what the panel has now, exactly wherever it differs from what was there before: fields
 * that were emptied and removed are asked about too.
 */
export function compare(
  sent: Configuration,
  {before, found}: {readonly before: Configuration; readonly found: Configuration},
): Comparison {
  const fields = Object.keys(sent).map(name => {
    const [one, earlier, now] = [sent[name], before[name], found[name]]
    return {
      name,
      isMoved: !isSame(earlier, one) && !isSame(earlier, now),
      deviations: deviationsOf(one, {before: earlier, found: now}, [name]),
    }
  })
  const deviations = fields.flatMap(field => field.deviations)
  const named = (isUnknown: boolean) =>
    deviations.filter(one => one.isUnknown === isUnknown).map(({field}) => field)
  return {
    taken: fields.filter(field => field.isMoved && field.deviations.length === 0).map(({name}) => name),
    lost: named(false),
    unknown: named(true),
  }
}

/** The fields of these names; those that are not there are undefined. */
export function only(names: readonly string[], configuration: Configuration): Configuration {
  return Object.fromEntries(names.map(name => [name, configuration[name]]))
}

/** What is said of fields that are otherwise than they were sent. */
export function notAsSent(lost: readonly string[]): string {
  return `these fields are not as they were sent: ${lost.join(', ')}`
}

/** Warns of what this version does not know, and took no notice of. */
export function warnOfUnknown({unknown}: Comparison, warn: (text: string) => void): void {
  for (const field of unknown) warn(`this version of OpenIDCS has no ${field}, and left it out`)
}

/** Warns of all that did not come to be as it was sent. */
export function warnOfDeviations(comparison: Comparison, warn: (text: string) => void): void {
  warnOfUnknown(comparison, warn)
  if (comparison.lost.length > 0) warn(notAsSent(comparison.lost))
}
