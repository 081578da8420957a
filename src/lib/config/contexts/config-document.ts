import * as z from 'zod/mini'
import {isObject} from '../../json-object.js'
import {checkedValue, map, parseYamlDocument, type YamlDocument, yamlText} from '../files/yaml-document.js'
import {type Config, isContextName, type SavedContext} from './saved-context.js'

const toggle = z.boolean('must be true or false')

const preferencesSchema = z.looseObject(
  {
    output: z.optional(yamlText),
    timeout: z.optional(yamlText),
    retries: z.optional(z.number('must be a number')),
    columns: z.optional(z.record(z.string(), yamlText, map)),
  },
  map,
)

// loose: what a newer panelctl or a person added stays
const contextSchema = z.looseObject(
  {
    panel: yamlText,
    url: yamlText,
    generation: z.optional(yamlText),
    caFile: z.optional(yamlText),
    insecure: z.optional(toggle),
    headers: z.optional(z.array(yamlText, 'must be a list')),
    credential: z.optional(yamlText),
    store: z._default(z.enum(['file', 'keychain'], 'must be file or keychain'), 'file'),
    tokenCommand: z.optional(yamlText),
    acceptedPlainHttp: z.optional(toggle),
    preferences: z.optional(preferencesSchema),
  },
  map,
)

const configSchema = z.nullable(
  z.looseObject(
    {
      contexts: z.nullish(z.record(z.string(), contextSchema, map)),
      current: z.nullish(z.record(z.string(), yamlText, map)),
      preferences: z.nullish(preferencesSchema),
    },
    map,
  ),
)

/**
 * `config.yaml` checked and as values. Maps, not objects, because `constructor` is a fine name for a context.
 * @throws PanelctlError USAGE naming the file, the line and what is wrong
 */
export function parseConfig(source: string, file: string): {config: Config; yaml: YamlDocument} {
  const yaml = parseYamlDocument(source, file)
  checkNames(yaml)
  const checked = checkedValue(yaml, configSchema)
  const contexts = new Map<string, SavedContext>(Object.entries(checked?.contexts ?? {}))
  const current = new Map(Object.entries(checked?.current ?? {}))
  const preferences = checked?.preferences
  return {config: {contexts, current, ...(preferences && {preferences})}, yaml}
}

/** Before zod, whose records drop a key `__proto__` without a word. */
function checkNames({value, wrong}: YamlDocument): void {
  if (!isObject(value) || !isObject(value.contexts)) return
  const bad = Object.keys(value.contexts).find(name => !isContextName(name))
  if (bad !== undefined)
    throw wrong(
      ['contexts', bad],
      'is not a name: letters, digits, ".", "_" and "-", the first a letter or digit',
    )
}
