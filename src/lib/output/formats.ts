import {sliceExactly, stringifyExactly, withBigInts, withIntegersOf} from '../exact-integers.js'
import {isObject} from '../json-object.js'
import type {RawCell} from './cell.js'
import {printable} from './printable.js'

const lineOrDirection = /[\u2028-\u202e\u2066-\u2069]/
const unescapedControl = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

/**
 * JSON and YAML leave DEL and the 8-bit controls as they are, of which a terminal obeys some (U+009B begins a sequence),
 * and what turns the direction of a text around. They only stand in strings in double quotes (`toYaml` sees to that),
 * where an escape means the same.
 */
export function escapeControls(document: string): string {
  // Both are far quicker than a pattern: what is as long in UTF-8 is ASCII, which has but DEL of them.
  const isAscii = Buffer.byteLength(document) === document.length
  if (isAscii ? !document.includes('\u007f') : !unescapedControl.test(document)) return document
  return document.replaceAll(
    new RegExp(unescapedControl, 'g'),
    control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One JSON document, indented by two, with a final newline; undefined is `null`. */
export function toJson(value: unknown): string {
  return `${escapeControls(stringifyExactly(value ?? null, 2))}\n`
}

/** An array with more elements is written in parts. */
const ELEMENTS = 50

/** The length that such a part is to have: V8 is quicker at strings that are not too large for its usual heap. */
const PART = 64 * 1024

/** The lines of a long array between its brackets, as they stand at a depth; the same as `JSON.stringify` gives. */
function* arrayParts(elements: readonly unknown[], depth: number): Iterable<string> {
  // In arrays of its own the elements are indented as they have to be.
  const opening = Array.from({length: depth + 1}, (_, level) => `${'  '.repeat(level)}[\n`).join('')
  const closing = Array.from({length: depth + 1}, (_, level) => `\n${'  '.repeat(depth - level)}]`).join('')
  let count = ELEMENTS
  for (let index = 0; index < elements.length; ) {
    const end = index + count
    let nested: unknown = sliceExactly(elements, index, end)
    for (let level = 0; level < depth; level++) nested = [nested]
    const lines = stringifyExactly(nested, 2).slice(opening.length, -closing.length)
    yield escapeControls(end < elements.length ? `${lines},\n` : lines)
    // As many as had that length, where the next ones are like these.
    count = Math.ceil((count * PART) / lines.length)
    index = end
  }
}

function isLong(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > ELEMENTS
}

/**
 * The text of `toJson` in parts: a document of a million records is never one string. Arrays are parted where they are the
 * document or a field of it.
 */
export function* jsonParts(value: unknown): Iterable<string> {
  if (isLong(value)) {
    yield '[\n'
    yield* arrayParts(value, 0)
    yield '\n]\n'
    return
  }
  if (!isObject(value) || !Object.values(value).some(isLong)) {
    yield toJson(value)
    return
  }
  let opening = '{\n'
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue
    if (isLong(field)) {
      yield `${opening}  ${escapeControls(JSON.stringify(key))}: [\n`
      yield* arrayParts(field, 1)
      yield '\n  ]'
    } else {
      // Between the brackets of an object of its own.
      const alone = withIntegersOf(value, {[key]: field})
      yield escapeControls(`${opening}${stringifyExactly(alone, 2).slice(2, -2)}`)
    }
    opening = ',\n'
  }
  yield '\n}\n'
}

/** One line of JSON with its newline, which no terminal takes for commands. */
export function jsonLine(value: unknown): string {
  return `${escapeControls(stringifyExactly(value ?? null))}\n`
}

/** One line of JSON for each element of an array (none for an empty one), or one for anything else. */
export function toNdjson(value: unknown): string {
  if (!Array.isArray(value)) return jsonLine(value)
  // A number has its own line out of its array, which knows how it was written.
  const line = (element: unknown, index: number) =>
    typeof element === 'number'
      ? `${stringifyExactly(sliceExactly(value, index, index + 1)).slice(1, -1)}\n`
      : jsonLine(element)
  return value.map(line).join('')
}

/** One YAML document with a final newline; strings that YAML 1.1 readers take for something else are quoted. */
export async function toYaml(value: unknown): Promise<string> {
  const {stringify} = await import('yaml')
  const options = {
    aliasDuplicateObjects: false,
    // yaml 2.9 loses the spaces of " \n" in a block scalar.
    blockQuote: false,
    compat: 'yaml-1.1',
    lineWidth: 0,
  } as const
  const given = withBigInts(value ?? null)
  const document = stringify(given, options)
  if (!lineOrDirection.test(document)) return escapeControls(document)
  // yaml leaves them in strings without quotes, where an escape would be letters.
  return escapeControls(stringify(given, {...options, defaultStringType: 'QUOTE_DOUBLE'}))
}

function csvField(raw: RawCell): string {
  const text = raw === null ? '' : String(raw)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** CSV as RFC 4180 quotes it, but with `\n`; null is an empty field, and text is never changed. */
export function toCsv(
  header: readonly string[],
  rows: readonly (readonly RawCell[])[],
  showHeader: boolean,
): string {
  const records = showHeader ? [header, ...rows] : rows
  // A line without anything is no record for most readers.
  return records.map(record => `${record.map(csvField).join(',') || '""'}\n`).join('')
}

/** What names a row. */
export type Id = string | number | bigint

/** One identifier a line; printable, so that a hostile one cannot pass for two. */
export function toIds(ids: readonly Id[]): string {
  return ids.map(id => `${printable(String(id))}\n`).join('')
}

/** What a format is: what of a result it carries, and how that is written. */
export type FormatDefinition = {
  /** Whether a stream may print in it; a stream that is no table prints one JSON document a line. */
  readonly streams?: true
  /** It is JSON, and what goes to stderr is one JSON object a line, too. */
  readonly isJson?: true
} & (
  | {
      /** Cells for people to read, drawn by `table.ts`. */
      readonly carries: 'table'
    }
  | {
      /** The raw values of the columns. */
      readonly carries: 'cells'
      write(header: readonly string[], rows: readonly (readonly RawCell[])[], showHeader: boolean): string
    }
  | {readonly carries: 'ids'; write(ids: readonly Id[]): string}
  | {
      /** The panel's own value. */
      readonly carries: 'data'
      write(value: unknown): string | Promise<string>
      /** The same text in parts, where a document may be longer than a string. */
      parts?(value: unknown): Iterable<string>
      /** Each element of a list is a document of its own: one object is printed as a list of one. */
      readonly perElement?: true
    }
)

/** The values of `-o`: all that is known of each stands here. */
const table = {
  table: {carries: 'table', streams: true},
  json: {carries: 'data', write: toJson, parts: jsonParts, streams: true, isJson: true},
  yaml: {carries: 'data', write: toYaml},
  csv: {carries: 'cells', write: toCsv},
  ndjson: {carries: 'data', write: toNdjson, perElement: true, streams: true, isJson: true},
  id: {carries: 'ids', write: toIds},
} as const satisfies Record<string, FormatDefinition>

export type Format = keyof typeof table

export const formats: Readonly<Record<Format, FormatDefinition>> = table

export const formatNames = Object.keys(table) as readonly Format[]

export function isFormat(name: string | undefined): name is Format {
  return name !== undefined && Object.hasOwn(table, name)
}

/** Whether it shows a result by its columns. */
export function showsColumns(format: Format): boolean {
  const {carries} = formats[format]
  return carries === 'table' || carries === 'cells'
}

/** Whether each element of a list is a document of its own. */
export function isPerElement(format: Format): boolean {
  const definition = formats[format]
  return definition.carries === 'data' && definition.perElement === true
}

/** Whether a value that has no rows is printed as indented JSON. */
export function isPlainJson(format: Format): boolean {
  const definition = formats[format]
  return definition.carries !== 'data' || definition.write === toJson
}

/** A value that has no rows: in the formats that carry data as each writes it, else as JSON. */
export async function documentText(format: Format, value: unknown): Promise<string> {
  const definition = formats[format]
  return definition.carries === 'data' ? definition.write(value) : toJson(value)
}
