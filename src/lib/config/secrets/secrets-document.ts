import * as z from 'zod/mini'
import {checkedValue, map, parseYamlDocument, type YamlDocument, yamlText} from '../files/yaml-document.js'
import type {Secret} from './secret.js'

const secretSchema = z.looseObject({kind: yamlText, value: yamlText, user: z.optional(yamlText)}, map)
const secretsSchema = z.nullable(z.record(z.string(), secretSchema, map))

/**
 * `credentials.yaml` checked.
 * @throws PanelctlError USAGE naming file and line, never content
 */
export function parseSecrets(
  source: string,
  file: string,
): {secrets: ReadonlyMap<string, Secret>; yaml: YamlDocument} {
  const yaml = parseYamlDocument(source, file)
  return {secrets: new Map(Object.entries(checkedValue(yaml, secretsSchema) ?? {})), yaml}
}

/** The secret that an entry of the keychain holds; undefined where panelctl has not written it. */
export function parseEntry(entry: string): Secret | undefined {
  try {
    return secretSchema.safeParse(JSON.parse(entry)).data
  } catch {
    return undefined
  }
}
