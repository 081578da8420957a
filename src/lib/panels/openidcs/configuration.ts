import {nearestNames} from '../../config/nearest-names.js'
import {type PanelctlError, usageError} from '../../errors.js'
import {parseMegabytes} from '../../megabytes.js'
import {isMask} from '../../output/mask.js'
import type {Fields, Kind} from './fields.js'
import {fieldsOf} from './values.js'

/** A configuration of a host or VM, or a part of one, as the panel takes it. */
export type Configuration = Readonly<Record<string, unknown>>

/** What a person gave: a document, and single fields on top of it. */
export interface Given {
  readonly document: {readonly where: string; readonly value: unknown} | undefined
  readonly assignments: readonly {readonly path: readonly string[]; readonly text: string}[]
}

/** What a kind of configuration may hold. */
export interface Shape {
  /** Its own fields, which any version knows. */
  readonly fields: Fields
  /** What `show` prints beside `config`: a whole one is taken as a document too, and only its `config` is read. */
  readonly besides: readonly string[]
}

function unknownField(where: string, name: string, known: Iterable<string>): PanelctlError {
  const names = [...known]
  const [near] = nearestNames(name, names)
  return usageError(
    `${where}: there is no field "${name}", and the panel would ignore it`,
    near === undefined ? `fields: ${names.toSorted().join(', ')}` : `did you mean ${near}?`,
  )
}

function wrongType(where: string, expected: string, hint?: string): PanelctlError {
  return usageError(`${where} is not ${expected}`, hint)
}

/** Refuses a mask anywhere: written back, it would be the password (design §4.8). */
function refuseMasks(where: string, value: unknown): void {
  if (typeof value === 'string' && isMask(value)) {
    throw usageError(
      `${where} is a mask and not a value`,
      'read it again with --show-secrets, or leave it out',
    )
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) refuseMasks(`${where}.${name}`, inner)
}

/** The fields of one thing; `current` is what the panel gave, whose further fields are known too. */
function readFields(where: string, fields: Fields, value: unknown, current: unknown): Configuration {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(where, 'an object')
  const known = fieldsOf(current)
  const entries = Object.entries(value)
    // What this version does not have is null in what we print, and stays away.
    .filter(([, inner]) => inner !== null && inner !== undefined)
    .map(([name, inner]): [string, unknown] => {
      const kind = insideOf(where, {one: fields}, name, known)
      return [name, readValue(`${where}: ${name}`, kind, inner, known[name])]
    })
  return Object.fromEntries(entries)
}

function readValue(where: string, kind: Kind, value: unknown, current: unknown): unknown {
  if (typeof kind === 'object') {
    if ('one' in kind) return readFields(where, kind.one, value, current)
    const isList = Array.isArray(value)
    if (typeof value !== 'object' || value === null || isList !== 'items' in kind) {
      throw wrongType(where, 'items' in kind ? 'a list' : 'an object')
    }
    const known = fieldsOf(Array.isArray(current) ? {...current} : current)
    const entries = Object.entries(value).map(([name, one]): [string, unknown] => [
      name,
      readValue(`${where}.${name}`, insideOf(where, kind, name, known), one, known[name]),
    ])
    return isList ? entries.map(([, one]) => one) : Object.fromEntries(entries)
  }
  switch (kind) {
    case 'text':
      if (typeof value === 'string') return value
      throw wrongType(where, 'a text', 'put it in quotes: a number loses its leading zeros')
    case 'number':
      if (typeof value === 'number' && Number.isFinite(value)) return value
      // The panel itself gives back what it was sent, also a number as a text.
      if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
      throw wrongType(where, 'a number')
    case 'megabytes':
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
      if (typeof value !== 'string')
        throw wrongType(where, 'a size', 'write it as 4096 (megabytes), 4G or 10GiB')
      return sizeOf(where, value)
    case 'flag':
      if (typeof value === 'boolean') return value
      throw wrongType(where, 'true or false')
    case 'texts':
      if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value
      throw wrongType(where, 'a list of texts')
    case 'any':
      return value
  }
}

function sizeOf(where: string, text: string): number {
  try {
    return parseMegabytes(text)
  } catch (error) {
    throw usageError(
      `${where}: ${error instanceof Error ? error.message : ''}`,
      'write it as 4096 (megabytes), 4G or 10GiB',
    )
  }
}

/** The value of an assignment: by the kind of its field, and JSON where that is an object or a list. */
function readText(where: string, kind: Kind, text: string, current: unknown): unknown {
  if (kind === 'text') return text
  if (kind === 'flag' && (text === 'true' || text === 'false')) return text === 'true'
  if (kind === 'texts' && !text.startsWith('[')) return text === '' ? [] : text.split(',')
  if (kind === 'number' || kind === 'megabytes' || kind === 'flag')
    return readValue(where, kind, text, current)
  return readValue(where, kind, jsonOf(where, kind, text), current)
}

function jsonOf(where: string, kind: Kind, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    if (kind === 'any') return text
    throw wrongType(where, 'JSON')
  }
}

/** `value` with the field at the path set; what is on the way is copied, never changed. */
function assign(
  where: string,
  kind: Kind,
  value: unknown,
  [step, ...rest]: readonly string[],
  text: string,
): unknown {
  if (step === undefined) return readText(where, kind, text, value)
  const inside = insideOf(where, kind, step, value)
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(step) || Number(step) >= value.length) {
      throw usageError(`${where}: there is no ${step} among ${value.length}`, 'the first is 0')
    }
    return value.with(Number(step), assign(`${where}.${step}`, inside, value[Number(step)], rest, text))
  }
  const known = fieldsOf(value)
  return {...known, [step]: assign(`${where}.${step}`, inside, known[step], rest, text)}
}

/** The kind of what is one step inwards; `current` is what the panel has there. */
function insideOf(where: string, kind: Kind, step: string, current: unknown): Kind {
  if (kind === 'any') return 'any'
  if (typeof kind !== 'object') throw usageError(`${where} has no fields, and so no "${step}"`)
  if ('each' in kind) return {one: kind.each}
  if ('items' in kind) return {one: kind.items}
  const inside = Object.hasOwn(kind.one, step)
    ? kind.one[step]
    : Object.hasOwn(fieldsOf(current), step)
      ? 'any'
      : undefined
  if (inside === undefined) throw unknownField(where, step, Object.keys(kind.one))
  return inside
}

/** The configuration in a document: the whole of it, or the `config` of what `show` printed. */
function configurationIn({where, value}: NonNullable<Given['document']>, {fields, besides}: Shape): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`${where} holds no fields`, 'write them as name: value')
  }
  if (!('config' in value)) return value
  for (const name of Object.keys(value)) {
    if (name !== 'config' && !besides.includes(name))
      throw unknownField(where, name, ['config', ...Object.keys(fields)])
  }
  return value.config
}

/**
 * The fields that a person gave, ready to be sent: those of the document, each as a whole, and then the single ones,
 * which change only what they name. `current` is what the panel has; empty for what is to be created.
 * @throws PanelctlError USAGE naming the place: for unknown fields with the nearest known one, for wrong types, for masks
 */
export function givenFields(
  shape: Shape,
  {document, assignments}: Given,
  current: Configuration,
): Configuration {
  let given: Configuration = {}
  if (document) {
    const {where} = document
    const value = configurationIn(document, shape)
    refuseMasks(where, value)
    given = readFields(where, shape.fields, value, current)
  }
  for (const {path, text} of assignments) {
    const [name = ''] = path
    refuseMasks(`--set ${path.join('.')}`, text)
    const before = {...current, ...given}
    const after = fieldsOf(assign('--set', {one: shape.fields}, before, path, text))
    given = {...given, [name]: after[name]}
  }
  return given
}

/** What the panel masked itself, and what it does not have: neither is written back (design §4.8). */
function writable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(writable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([, inner]) => inner !== null && inner !== undefined && !(typeof inner === 'string' && isMask(inner)),
      )
      .map(([name, inner]) => [name, writable(inner)]),
  )
}

/**
 * The whole configuration to send: the panel replaces all of it, and what is left out goes back to its default
 * (contracts/openidcs.md trap 8).
 */
export function merged(current: Configuration, given: Configuration): Configuration {
  return fieldsOf(writable({...current, ...given}))
}
