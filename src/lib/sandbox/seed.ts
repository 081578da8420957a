import {parseDocument} from 'yaml'
import * as z from 'zod/mini'
import {usageError} from '../errors.js'
import {readNamed} from '../named-file.js'
import {komariSeed} from './komari/seed.js'
import {nezhaSeed} from './nezha/seed.js'
import {openidcsSeed} from './openidcs/seed.js'

/** A seed file: one part for each panel, each of them optional. The parts are described in their own modules. */
const sandboxSeed = z.strictObject({
  nezha: z.optional(nezhaSeed),
  komari: z.optional(komariSeed),
  openidcs: z.optional(openidcsSeed),
})

export type SandboxSeed = z.infer<typeof sandboxSeed>

/**
 * Reads the world of a `--seed` file. Throws USAGE naming the file, and the line or the path within
 * it, when it cannot be read, is no YAML or holds what no world has.
 */
export async function readSeed(file: string): Promise<SandboxSeed> {
  const hint = 'give --seed the path of a YAML file, or leave it out for the default world'
  const text = await readNamed(file, {hint})
  const document = parseDocument(text)
  const broken = document.errors[0]
  if (broken) throw usageError(`${file}: ${broken.message.split('\n')[0]?.replace(/:$/, '')}`)
  // An empty file is the default world.
  const checked = sandboxSeed.safeParse(document.toJS() ?? {})
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const known = issue?.code === 'unrecognized_keys' ? knownKeys(sandboxSeed, issue.path) : []
  throw usageError(
    `${file}: ${issue ? describe(issue) : 'not a seed'}`,
    known.length > 0 ? `known there: ${known.join(', ')}` : 'panelctl sandbox without --seed has a world too',
  )
}

/** The keys that the object at a path may have. */
function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const {def} = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'default')
    return knownKeys(def.innerType, path)
  const [part, ...rest] = path
  if (def.type === 'array') return knownKeys(def.element, rest)
  if (def.type !== 'object') return []
  const inner = part === undefined ? undefined : def.shape[String(part)]
  return inner ? knownKeys(inner, rest) : Object.keys(def.shape)
}

/** zod/mini carries no messages of its own, so that a bundle does not carry them either. */
function describe(issue: z.core.$ZodIssue): string {
  const path = pathText(issue.path) || 'the file'
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${pathText([...issue.path, ...issue.keys.slice(0, 1)])} is not known`
    case 'invalid_type':
      return `${path} must be ${issue.expected === 'int' ? 'a whole number' : `of type ${issue.expected}`}`
    case 'invalid_value':
      return `${path} must be one of ${issue.values.join(', ')}`
    case 'too_small':
      return issue.origin === 'string'
        ? `${path} must not be empty`
        : `${path} must be at least ${issue.minimum}`
    case 'too_big':
      return `${path} must be at most ${issue.maximum}`
    case 'invalid_format':
      return `${path} must look like ${'pattern' in issue ? issue.pattern : issue.format}`
    case 'custom':
      return `${path} ${issue.message}`
    default:
      return `${path} is not valid`
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
    .join('')
}
