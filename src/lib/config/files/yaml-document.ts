import {type Document, isMap, LineCounter, parseDocument, YAMLMap} from 'yaml'
import * as z from 'zod/mini'
import {type PanelctlError, usageError} from '../../errors.js'
import {plainMaps} from './plain-maps.js'
import {type Lock, readTextFile, replaceTextFile} from './text-file.js'

/** What a field holds, with what is said where it does not. */
export const yamlText = z.string('must be text: put it in quotes')
export const map = 'must be a map'

export interface YamlDocument {
  document: Document
  /** The content as plain values; null when the file is empty. */
  value: unknown
  /** USAGE naming the file, the line of `path` in it (or of its nearest ancestor) and what is wrong. */
  wrong(path: readonly PropertyKey[], what: string): PanelctlError
  /** The map under the keys, to change; made when it is missing or empty. */
  map(...keys: string[]): YAMLMap
}

/**
 * Parses one of our files, keeping comments and positions. Keys are strings whatever they look like,
 * so a context may be called 123 or true.
 * @throws PanelctlError USAGE with file and line; the file's own text is never repeated, since it may be a secret
 */
export function parseYamlDocument(text: string, file: string): YamlDocument {
  const value = plainMaps(text)
  if (value === undefined) return wholeDocument(text, file)
  let parsed: YamlDocument | undefined
  const whole = () => {
    parsed ??= wholeDocument(text, file)
    return parsed
  }
  return {
    value,
    get document() {
      return whole().document
    },
    wrong: (path, what) => whole().wrong(path, what),
    map: (...keys) => whole().map(...keys),
  }
}

function wholeDocument(text: string, file: string): YamlDocument {
  const lineCounter = new LineCounter()
  const document: Document = parseDocument(text, {lineCounter, prettyErrors: false, stringKeys: true})
  const hint = `edit ${file}`
  const problem = document.errors[0]
  if (problem) {
    const {line} = lineCounter.linePos(problem.pos[0])
    const reason = problem.code.toLowerCase().replaceAll('_', ' ')
    throw usageError(`${file}, line ${line}: not valid YAML (${reason})`, hint)
  }
  unbrace(document.contents)
  const wrong = (path: readonly PropertyKey[], what: string): PanelctlError => {
    const {line} = lineCounter.linePos(offsetOf(document, path))
    const field = path.map(String).join('.')
    return usageError(`${file}, line ${line}: ${field === '' ? '' : `${field} `}${what}`, hint)
  }
  return {document, value: plainValue(document, wrong), wrong, map: (...keys) => mapAt(document, keys)}
}

function mapAt(document: Document, keys: readonly string[]): YAMLMap {
  let map = isMap(document.contents) ? document.contents : new YAMLMap(document.schema)
  document.contents = map
  for (const key of keys) {
    const child: unknown = map.get(key, true)
    const next = isMap(child) ? child : new YAMLMap(document.schema)
    if (next !== child) map.set(key, next)
    unbrace(next)
    map = next
  }
  return map
}

/** What is added to an empty `{}` goes on its own lines, not on one long line in braces. */
function unbrace(node: unknown): void {
  if (isMap(node) && node.items.length === 0) node.flow = false
}

/**
 * Changes one of our files: `change` edits what `parse` reads from it (comments stay), then the file is replaced in one
 * step, with mode 0600. Nothing is written where `change` throws, or makes what could not be read back. `undo` puts the
 * file back as it was.
 */
export async function editYamlFile(
  lock: Lock,
  file: string,
  parse: (text: string, file: string) => {yaml: YamlDocument},
  change: (map: YamlDocument['map']) => void,
): Promise<{undo: () => Promise<void>}> {
  const before = (await readTextFile(file)) ?? ''
  const {yaml} = parse(before, file)
  change(yaml.map)
  // A long token stays on its line.
  const after = yaml.document.toString({lineWidth: 0})
  parse(after, file)
  if (after !== before) await replaceTextFile(lock, file, after)
  return {undo: () => replaceTextFile(lock, file, before)}
}

function plainValue(document: Document, wrong: YamlDocument['wrong']): unknown {
  try {
    const value: unknown = document.toJS()
    return value
  } catch (error) {
    // an alias without its anchor, or a "billion laughs" of aliases
    if (error instanceof ReferenceError) throw wrong([], 'an alias (*name) cannot be resolved')
    throw error
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    if (!isMap(parent)) continue
    const pair = parent.items.find(({key}) => String(key) === path[length - 1])
    const start = rangeOf(pair?.key)
    if (start !== undefined) return start
  }
  return rangeOf(document.contents) ?? 0
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined
  const start: unknown = node.range[0]
  return typeof start === 'number' ? start : undefined
}

/**
 * The content as the schema has it.
 * @throws PanelctlError USAGE naming the line of what is missing or wrong
 */
export function checkedValue<T>(yaml: YamlDocument, schema: z.ZodMiniType<T>): T {
  const parsed = schema.safeParse(yaml.value)
  if (parsed.success) return parsed.data
  const [{path = [], message = 'is wrong'} = {}] = parsed.error.issues
  throw yaml.wrong(path, isMissing(yaml, path) ? 'is missing' : message)
}

function isMissing({document}: YamlDocument, path: readonly PropertyKey[]): boolean {
  return path.length > 0 && !document.hasIn(path)
}
