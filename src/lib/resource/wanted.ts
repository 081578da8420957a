import {isMap, isNode, isScalar, LineCounter, parseAllDocuments} from 'yaml'
import {PanelctlError, usageError} from '../errors.js'
import {isObject} from '../json-object.js'
import {didYouMean} from '../nearest-names.js'
import {checkValues, type Resource, type Values, withArticle, wordOf} from './resource.js'

/** A text and where it is from, for messages. */
export interface Source {
  readonly where: string
  readonly text: string
}

/** One thing as a file has it. */
export interface Wanted {
  readonly resource: Resource
  readonly name: string
  readonly values: Values
  /** `panel.yaml:12`. */
  readonly where: string
}

/**
 * What files want: YAML of one or several documents, with merge keys, or JSON; in each a list below the word of a resource.
 * @throws PanelctlError USAGE that names every mistake with its line
 */
export function wantedIn(
  resources: readonly Resource[],
  sources: readonly Source[],
): {readonly wanted: readonly Wanted[]; readonly named: ReadonlySet<Resource>} {
  const mistakes: string[] = []
  const named = new Set<Resource>()
  const wanted = sources.flatMap(source => [...wantedOf(resources, source, {mistakes, named})])
  const first = new Map<string, string>()
  for (const {resource, name, where} of wanted) {
    const key = `${wordOf(resource)} ${name}`
    const other = first.get(key)
    if (other === undefined) first.set(key, where)
    else mistakes.push(`${where}: the ${resource.noun} ${name} is in ${other} already`)
  }
  if (mistakes.length > 0) throw usageError(mistakes.join('; '), 'nothing was sent')
  return {wanted, named}
}

function* wantedOf(
  resources: readonly Resource[],
  {where, text}: Source,
  {mistakes, named}: {readonly mistakes: string[]; readonly named: Set<Resource>},
): Generator<Wanted> {
  const lines = new LineCounter()
  const at = (offset: number | undefined) =>
    offset === undefined ? where : `${where}:${lines.linePos(offset).line}`
  const documents = parseAllDocuments(text, {merge: true, lineCounter: lines, prettyErrors: false})
  if (!Array.isArray(documents)) return
  for (const document of documents) {
    const [broken] = [...document.errors, ...document.warnings]
    if (broken) {
      mistakes.push(
        `${at(broken.pos[0])}: this is neither YAML nor JSON: ${broken.code.toLowerCase().replaceAll('_', ' ')}`,
      )
      continue
    }
    const lineOf = (path: readonly (string | number)[]): string => {
      const node = document.getIn(path, true)
      if (isNode(node) && node.range) return at(node.range[0])
      return path.length === 0 ? where : lineOf(path.slice(0, -1))
    }
    const lineOfKey = (word: string): string => {
      const {contents} = document
      const keys = isMap(contents) ? contents.items.map(({key}) => key) : []
      const found = keys.find(key => isScalar(key) && key.value === word)
      return isNode(found) && found.range ? at(found.range[0]) : lineOf([word])
    }
    const value: unknown = toValue(document, mistakes, where)
    if (value === null || value === undefined) continue
    if (!isObject(value)) {
      mistakes.push(`${lineOf([])}: this is no object of resources`)
      continue
    }
    for (const [word, list] of Object.entries(value)) {
      // Where anchors may stand that others merge.
      if (word.startsWith('x-')) continue
      const resource = resources.find(one => wordOf(one) === word)
      if (!resource) {
        const words = resources.map(wordOf)
        mistakes.push(`${lineOfKey(word)}: there is no resource "${word}"; ${hintOf(word, words)}`)
      } else if (resource.isOne ? !isObject(list) : !Array.isArray(list))
        mistakes.push(`${lineOfKey(word)}: ${word} is not ${resource.isOne ? 'an object' : 'a list'}`)
      else {
        named.add(resource)
        const things = Array.isArray(list)
          ? list.map((values: unknown, index) => {
              const path = [word, index]
              const name = isObject(values) ? values[resource.key] : undefined
              return {values, path, name, place: lineOf(path)}
            })
          : [{values: list, path: [word], name: resource.many, place: lineOfKey(word)}]
        for (const {values, path, name, place} of things) {
          const isNamed = name !== undefined && name !== null && name !== ''
          if (!isNamed) mistakes.push(`${place}: ${withArticle(resource.noun)} needs ${resource.key}`)
          if (!isObject(values)) continue
          for (const [field, given] of Object.entries(values)) {
            const problem = problemOf(resource, {[field]: given})
            if (problem !== undefined) mistakes.push(`${lineOf([...path, field])}: ${problem}`)
          }
          if (isNamed) yield {resource, name: String(name), values, where: place}
        }
      }
    }
  }
}

function hintOf(word: string, words: readonly string[]): string {
  return String(didYouMean(word, words, `there are ${words.join(', ')}`))
}

function toValue(document: {toJS(): unknown}, mistakes: string[], where: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    // Aliases of nothing, and aliases within aliases, made to fill the memory; a name may be a secret without quotes.
    const isAlias = cause instanceof ReferenceError
    mistakes.push(
      `${where}: ${isAlias ? 'an alias in it leads nowhere, or too far' : 'it is nested too deeply'}`,
    )
    return undefined
  }
}

function problemOf(resource: Resource, values: Values): string | undefined {
  try {
    checkValues(resource, values)
    return undefined
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    const unknown = Object.keys(values).find(name => !Object.hasOwn(resource.fields, name))
    const near = unknown === undefined ? undefined : didYouMean(unknown, Object.keys(resource.fields), '')
    return near ? `${error.message}; ${String(near)}` : error.message
  }
}
