import {type PanelctlError, usageError} from '../../errors.js'
import {withIntegersOf} from '../../exact-integers.js'
import type {Assignment, Given, GivenDocument} from '../../flags/given.js'
import {parseMegabytes} from '../../flags/megabytes.js'
import {isObject} from '../../json-object.js'
import {isMask} from '../../mask.js'
import {didYouMean} from '../../nearest-names.js'
import {forms, isForm} from './address-forms.js'
import type {ConfigFields, FieldKind} from './fields.js'
import {fieldsOf} from './loose-values.js'

/** A configuration of a host or VM, or a part of one, as the panel takes it. */
export type Configuration = Readonly<Record<string, unknown>>

/** What a kind of configuration may hold. */
export interface Shape {
  /** Its own fields, which any version knows. */
  readonly fields: ConfigFields
  /** What `show` prints beside `config`: a whole one is taken as a document too, and only its `config` is read. */
  readonly besides: readonly string[]
}

function unknownField(where: string, name: string, known: Iterable<string>): PanelctlError {
  const names = [...known]
  // What follows a name may be the value, as in `os_pass:…`, and a secret.
  const shown = name.replace(/[^\p{L}\p{N}_-].*/su, '…')
  return usageError(
    `${where}: there is no field "${shown}", and the panel would ignore it`,
    didYouMean(shown, names, `fields: ${names.toSorted().join(', ')}`),
  )
}

function wrongType(where: string, expected: string, hint?: string): PanelctlError {
  return usageError(`${where} is not ${expected}`, hint)
}

/** Deeper than any configuration, and within what can be walked through: an alias of YAML may lead into itself. */
const DEEPEST = 100

/**
 * Refuses what must not be sent, anywhere in what a person gave: masks, which written back would be the password
 * (design §4.8), and what YAML knows and JSON does not, which would be sent as something else.
 */
function refuseUnsendable(where: string, value: unknown, depth = 0): void {
  if (typeof value === 'string' && isMask(value)) {
    throw usageError(
      `${where} is a mask and not a value`,
      'read it again with --show-secrets, or leave it out',
    )
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    throw wrongType(where, 'a number that JSON can hold')
  if (typeof value !== 'object' || value === null) return
  if (depth === DEEPEST) throw usageError(`${where.slice(0, 60)}… is nested too deeply, or leads into itself`)
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw wrongType(where, 'a value of JSON', 'leave out its tag, such as !!timestamp or !!set')
  }
  for (const [name, inner] of Object.entries(value)) {
    // A merge of YAML 1.1: YAML 1.2 takes it for a field of that name.
    if (name === '<<') throw usageError(`${where}: merging with << is not supported`, 'write the fields out')
    refuseUnsendable(`${where}.${name}`, inner, depth + 1)
  }
}

/** The fields of one thing; `current` is what the panel gave, whose further fields are known too. */
function readFields(where: string, fields: ConfigFields, value: unknown, current: unknown): Configuration {
  if (!isObject(value)) throw wrongType(where, 'an object')
  const known = fieldsOf(current)
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => {
    const kind = insideOf(where, {one: fields}, name, known)
    // The panel keeps whatever JSON there is (trap 11), and what it has may be given back.
    return [name, inner === null ? null : readValue(`${where}: ${name}`, kind, inner, known[name])]
  })
  return Object.fromEntries(entries)
}

function readValue(where: string, kind: FieldKind, value: unknown, current: unknown): unknown {
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
  if (isForm(kind)) {
    // What the panel has may be given back.
    if (value === '' || value === current) return value
    if (typeof value === 'string' && forms[kind].fits(value)) return value
    throw wrongType(where, forms[kind].as)
  }
  switch (kind) {
    case 'text':
      if (typeof value === 'string') return value
      throw wrongType(where, 'a text', 'put it in quotes: a number loses its leading zeros')
    case 'number':
      return numberIn(where, value)
    case 'count': {
      const count = numberIn(where, value)
      if (count >= 0 && count <= Number.MAX_SAFE_INTEGER) return count
      throw wrongType(where, 'a number from 0 on')
    }
    case 'port': {
      if (value === current) return value
      const port = numberIn(where, value)
      if (port >= 0 && port <= 65_535) return port
      throw wrongType(where, 'a port from 0 to 65535')
    }
    case 'megabytes':
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
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

function numberIn(where: string, value: unknown): number {
  // The panel itself gives back what it was sent, also a number as a text (trap 11).
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw wrongType(where, 'a number')
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
function readText(where: string, kind: FieldKind, text: string, current: unknown): unknown {
  if (kind === 'text') return text
  if (kind === 'flag' && (text === 'true' || text === 'false')) return text === 'true'
  if (kind === 'texts' && !text.startsWith('[')) return text === '' ? [] : text.split(',')
  if (
    kind === 'number' ||
    kind === 'count' ||
    kind === 'port' ||
    kind === 'megabytes' ||
    kind === 'flag' ||
    isForm(kind)
  )
    return readValue(where, kind, text, current)
  return readValue(where, kind, jsonOf(where, kind, text), current)
}

function jsonOf(where: string, kind: FieldKind, text: string): unknown {
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
  kind: FieldKind,
  value: unknown,
  [step, ...rest]: readonly string[],
  assignment: Assignment,
): unknown {
  if (step === undefined) {
    const {isText, value: given} = assignment
    const read = isText ? readText(where, kind, String(given), value) : readValue(where, kind, given, value)
    refuseUnsendable(where, read)
    return read
  }
  const inside = insideOf(where, kind, step, value)
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(step) || Number(step) >= value.length) {
      throw usageError(`${where}: there is no ${step} among ${value.length}`, 'the first is 0')
    }
    const list = value.with(
      Number(step),
      assign(`${where}.${step}`, inside, value[Number(step)], rest, assignment),
    )
    if (writable(list) !== undefined) return list
    throw usageError(`${where}: the panel masked a part of this list`, 'give the whole list')
  }
  const known = fieldsOf(value)
  return {...known, [step]: assign(`${where}.${step}`, inside, known[step], rest, assignment)}
}

/** The kind of what is one step inwards; `current` is what the panel has there. */
function insideOf(where: string, kind: FieldKind, step: string, current: unknown): FieldKind {
  if (kind === 'any') return 'any'
  if (typeof kind !== 'object') throw usageError(`${where} has no fields, and so no "${step}"`)
  if ('each' in kind) return {one: kind.each}
  if ('items' in kind) return {one: kind.items}
  const inside = Object.hasOwn(kind.one, step)
    ? kind.one[step]?.kind
    : Object.hasOwn(fieldsOf(current), step)
      ? 'any'
      : undefined
  if (inside === undefined) throw unknownField(where, step, Object.keys(kind.one))
  return inside
}

/** The configuration in a document: the whole of it, or the `config` of what `show` printed. */
function configurationIn({where, value}: GivenDocument, {fields, besides}: Shape): unknown {
  if (!isObject(value)) throw usageError(`${where} holds no fields`, 'write them as name: value')
  if (!('config' in value)) return value
  for (const name of Object.keys(value)) {
    if (name !== 'config' && !besides.includes(name))
      throw unknownField(where, name, ['config', ...Object.keys(fields)])
  }
  return value.config
}

/** The fields without those that are null: our schemas fill in those that a version does not have, at the top only. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined)
  return withIntegersOf(value, Object.fromEntries(kept))
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
    refuseUnsendable(where, value)
    given = readFields(where, shape.fields, withoutNulls(value), current)
  }
  for (const assignment of assignments) {
    const {where, path} = assignment
    const [name = ''] = path
    const before = {...current, ...given}
    const after = fieldsOf(assign(where, {one: shape.fields}, before, path, assignment))
    given = {...given, [name]: after[name]}
  }
  return given
}

/**
 * Refuses two ways of naming a thing that do not agree: one of them would be left out without a word. What `show`
 * printed names the one that it was printed of, and counts for none.
 * @throws PanelctlError USAGE
 */
export function refuseContradiction({document, assignments}: Given, field: string): void {
  const shown = document && isObject(document.value) && !('config' in document.value) ? document : undefined
  const [first, ...others] = [
    ...(shown ? [{where: shown.where, value: fieldsOf(shown.value)[field]}] : []),
    ...assignments.filter(({path}) => path[0] === field),
  ].filter(({value}) => value !== undefined && value !== null && value !== '')
  const other = others.find(({value}) => value !== first?.value)
  if (!first || !other) return
  throw usageError(
    `${first.where} says that ${field} is "${String(first.value)}", and ${other.where} that it is "${String(other.value)}"`,
    'leave one of them out',
  )
}

/**
 * A value without what the panel masked itself, which is never written back (design §4.8); undefined where nothing can
 * be. A list with a mask in it is left out as a whole, as the positions in it have a meaning (3.1): so the nearest
 * field around it goes back to its default, as a masked field does. Nulls are the panel's, and stay.
 */
function writable(value: unknown): unknown {
  if (typeof value === 'string') return isMask(value) ? undefined : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const elements = value.map(writable)
    return elements.includes(undefined) ? undefined : withIntegersOf(value, elements)
  }
  const kept = Object.entries(value)
    .map(([name, inner]): [string, unknown] => [name, writable(inner)])
    .filter(([, inner]) => inner !== undefined)
  return withIntegersOf(value, Object.fromEntries(kept))
}

/**
 * The whole configuration to send: the panel replaces all of it, and what is left out goes back to its default
 * (contracts/openidcs.md trap 8).
 */
export function merged(current: Configuration, given: Configuration): Configuration {
  return fieldsOf(writable(withoutNulls({...current, ...given})))
}
