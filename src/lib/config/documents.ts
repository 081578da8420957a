import type {Document} from 'yaml'
import * as z from 'zod/mini'
import {type Config, isContextName, type SavedContext, type StoredSecret} from './saved-context.js'
import {parseYamlDocument, type YamlDocument} from './yaml-document.js'

const text = z.string('must be text: put it in quotes')
const flag = z.boolean('must be true or false')
const map = 'must be a map'

// loose: what a newer panelctl or a person added stays
const contextSchema = z.looseObject(
  {
    panel: text,
    url: text,
    caFile: z.optional(text),
    insecure: z.optional(flag),
    headers: z.optional(z.array(text, 'must be a list')),
    credential: z.optional(text),
    store: z._default(z.enum(['file', 'keychain'], 'must be file or keychain'), 'file'),
    tokenCommand: z.optional(text),
    acceptedPlainHttp: z.optional(flag),
  },
  map,
)

const configSchema = z.nullable(
  z.looseObject(
    {
      contexts: z.nullish(z.record(z.string(), contextSchema, map)),
      current: z.nullish(z.record(z.string(), text, map)),
    },
    map,
  ),
)

/**
 * `config.yaml` checked and as values, with the document to edit. Maps, not objects, because `constructor`
 * is a fine name for a context. Throws USAGE naming the file, the line and what is wrong.
 */
export function parseConfig(source: string, file: string): {config: Config; document: Document} {
  const yaml = parseYamlDocument(source, file)
  checkNames(yaml)
  const checked = checkedValue(yaml, configSchema)
  const contexts = new Map<string, SavedContext>(Object.entries(checked?.contexts ?? {}))
  const current = new Map(Object.entries(checked?.current ?? {}))
  return {config: {contexts, current}, document: yaml.document}
}

/** Before zod, whose records drop a key `__proto__` without a word. */
function checkNames({value, wrong}: YamlDocument): void {
  if (!isRecord(value) || !isRecord(value.contexts)) return
  const bad = Object.keys(value.contexts).find(name => !isContextName(name))
  if (bad !== undefined)
    throw wrong(
      ['contexts', bad],
      'is not a name: letters, digits, ".", "_" and "-", the first a letter or digit',
    )
}

/** The content as the schema has it. Throws USAGE naming the line of what is missing or wrong. */
function checkedValue<T>(yaml: YamlDocument, schema: z.ZodMiniType<T>): T {
  const parsed = schema.safeParse(yaml.value)
  if (parsed.success) return parsed.data
  const [{path = [], message = 'is wrong'} = {}] = parsed.error.issues
  throw yaml.wrong(path, isMissing(yaml, path) ? 'is missing' : message)
}

function isMissing({document}: YamlDocument, path: readonly PropertyKey[]): boolean {
  return path.length > 0 && !document.hasIn(path)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const secretsSchema = z.nullable(z.record(z.string(), z.looseObject({kind: text, value: text}, map), map))

/** `credentials.yaml` checked, with the document to edit. Throws USAGE naming file and line, never content. */
export function parseSecrets(
  source: string,
  file: string,
): {secrets: ReadonlyMap<string, StoredSecret>; document: Document} {
  const yaml = parseYamlDocument(source, file)
  return {secrets: new Map(Object.entries(checkedValue(yaml, secretsSchema) ?? {})), document: yaml.document}
}
