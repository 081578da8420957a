import type {Document} from 'yaml'
import * as z from 'zod/mini'
import {checkedValue, map, parseYamlDocument, text} from '../files/yaml-document.js'
import type {Secret} from './secret.js'

const secretsSchema = z.nullable(z.record(z.string(), z.looseObject({kind: text, value: text}, map), map))

/** `credentials.yaml` checked, with the document to edit. Throws USAGE naming file and line, never content. */
export function parseSecrets(
  source: string,
  file: string,
): {secrets: ReadonlyMap<string, Secret>; document: Document} {
  const yaml = parseYamlDocument(source, file)
  return {secrets: new Map(Object.entries(checkedValue(yaml, secretsSchema) ?? {})), document: yaml.document}
}
