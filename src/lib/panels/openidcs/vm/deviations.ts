import {isDeepStrictEqual} from 'node:util'
import type {Configuration} from '../configuration.js'
import {fieldsOf} from '../loose-values.js'

/** A change that the panel does not have as it was asked for. */
export interface Deviation {
  /** `nic_all.eth0.ip4_addr`. */
  readonly field: string
  /** The panel had no such field before and has none now: this version does not know it. */
  readonly isUnknown: boolean
}

interface Places {
  /** Before the change. */
  readonly current: unknown
  /** After it. */
  readonly found: unknown
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

function isEmpty(value: unknown): boolean {
  return (
    isNothing(value) || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
  )
}

/** Types are as they come (contracts/openidcs.md trap 11). */
function isSame(found: unknown, sent: unknown): boolean {
  if (isDeepStrictEqual(found, sent)) return true
  const isScalar = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  return isScalar(found) && isScalar(sent) && String(found) === String(sent)
}

/** What was taken out of an object, and is there as it was. */
function remaining(sent: Configuration, {current, found}: Places): string[] {
  const inside = fieldsOf(found)
  return Object.entries(fieldsOf(current))
    .filter(([name, before]) => {
      if (Object.hasOwn(sent, name) || isEmpty(before)) return false
      // A card that is gone is gone; a field that is left out gets its default, which may be what it was, and an
      // address of the network card is made out of that of the internet (3.3).
      return typeof before === 'object' && !Array.isArray(before) && Object.hasOwn(inside, name)
    })
    .map(([name]) => name)
}

function deviationsOf(sent: unknown, {current, found}: Places, path: readonly string[]): Deviation[] {
  // What was not to be changed is not asked about: the panel makes some of it anew (2.3 no. 20).
  if (isSame(current, sent) || isSame(found, sent)) return []
  const deviation = (name?: string) => ({
    field: [...path, ...(name === undefined ? [] : [name])].join('.'),
    // A field of the configuration, or one of a card or the like; the names of those are no fields.
    isUnknown: name === undefined && path.length !== 2 && isNothing(current) && isNothing(found),
  })
  if (isEmpty(sent)) {
    // The panel may fill in what was emptied, but not with what it was.
    const isEmptied = isEmpty(found) || (typeof sent === 'string' && !isSame(found, current))
    return isEmptied ? [] : [deviation()]
  }
  if (typeof sent !== 'object' || isNothing(found)) return [deviation()]
  if (Array.isArray(sent)) {
    if (!Array.isArray(found) || found.length !== sent.length) return [deviation()]
    if (sent.some((one, index) => typeof one !== 'object' && !isSame(found[index], one))) return [deviation()]
    const before = Array.isArray(current) ? current : []
    return sent.flatMap((one, index) =>
      deviationsOf(one, {current: before[index], found: found[index]}, [...path, String(index)]),
    )
  }
  const before = fieldsOf(current)
  const inside = fieldsOf(found)
  return [
    ...remaining(fieldsOf(sent), {current, found}).map(deviation),
    ...Object.entries(fieldsOf(sent)).flatMap(([name, one]) =>
      deviationsOf(one, {current: before[name], found: inside[name]}, [...path, name]),
    ),
  ]
}

/**
 * The changes that did not take: each of the `wanted` fields is compared exactly wherever `sent` differs from
 * `current`, emptied and removed ones included.
 */
function notTaken(
  sent: Configuration,
  {current, found, wanted}: {current: Configuration; found: Configuration; wanted: readonly string[]},
): Deviation[] {
  return wanted.flatMap(name =>
    deviationsOf(sent[name], {current: current[name], found: found[name]}, [name]),
  )
}

/** Warns of what this version does not know at all, and gives the fields that it knows and has otherwise. */
export function lostFields(
  sent: Configuration,
  compared: {current: Configuration; found: Configuration; wanted: readonly string[]},
  warn: (text: string) => void,
): string[] {
  const deviations = notTaken(sent, compared)
  for (const {field} of deviations.filter(({isUnknown}) => isUnknown))
    warn(`this version of OpenIDCS has no ${field}, and left it out`)
  return deviations.filter(({isUnknown}) => !isUnknown).map(({field}) => field)
}
