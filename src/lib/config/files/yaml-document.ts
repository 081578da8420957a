import {type Document, isMap, LineCounter, parseDocument, YAMLMap} from 'yaml'
import * as z from 'zod/mini'
import {type PanelctlError, usageError} from '../../errors.js'

/** What a field holds, with what is said where it does not. */
export const text = z.string('must be text: put it in quotes')
export const map = 'must be a map'

export interface YamlDocument {
  document: Document
  /** The content as plain values; null when the file is empty. */
  value: unknown
  /** USAGE naming the file, the line of `path` in it (or of its nearest ancestor) and what is wrong. */
  wrong(path: readonly PropertyKey[], what: string): PanelctlError
}

/**
 * Parses one of our files, keeping comments and positions. Keys are strings whatever they look like,
 * so a context may be called 123 or true. Throws USAGE with file and line; the file's own text is
 * never repeated, since it may be a secret.
 */
export function parseYamlDocument(text: string, file: string): YamlDocument {
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
  return {document, value: plainValue(document, wrong), wrong}
}

/** The map under `key`, made when it is missing or empty. */
export function childMap(document: Document, parent: Document | YAMLMap, key: string): YAMLMap {
  const child: unknown = parent.get(key, true)
  if (isMap(child)) {
    unbrace(child)
    return child
  }
  const made = new YAMLMap(document.schema)
  parent.set(key, made)
  return made
}

/** What is added to an empty `{}` goes on its own lines, not on one long line in braces. */
function unbrace(node: unknown): void {
  if (isMap(node) && node.items.length === 0) node.flow = false
}

/** Our files as text: a long token stays on its line. */
export function yamlText(document: Document): string {
  return document.toString({lineWidth: 0})
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

/** The content as the schema has it. Throws USAGE naming the line of what is missing or wrong. */
export function checkedValue<T>(yaml: YamlDocument, schema: z.ZodMiniType<T>): T {
  const parsed = schema.safeParse(yaml.value)
  if (parsed.success) return parsed.data
  const [{path = [], message = 'is wrong'} = {}] = parsed.error.issues
  throw yaml.wrong(path, isMissing(yaml, path) ? 'is missing' : message)
}

function isMissing({document}: YamlDocument, path: readonly PropertyKey[]): boolean {
  return path.length > 0 && !document.hasIn(path)
}
