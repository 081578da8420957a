import type {Document} from 'yaml'
import * as z from 'zod/mini'
import type {StoredSecret} from './saved-context.js'
import {parseYamlDocument} from './yaml-document.js'

const text = z.string('must be text: put it in quotes')
const map = 'must be a map'

const secretsSchema = z.nullable(z.record(z.string(), z.looseObject({kind: text, value: text}, map), map))

/** `credentials.yaml` checked, with the document to edit. Throws USAGE naming file and line, never content. */
export function parseSecrets(
  source: string,
  file: string,
): {secrets: ReadonlyMap<string, StoredSecret>; document: Document} {
  const yaml = parseYamlDocument(source, file)
  const parsed = secretsSchema.safeParse(yaml.value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw yaml.wrong(issue?.path ?? [], issue?.message ?? 'is wrong')
  }
  return {secrets: new Map(Object.entries(parsed.data ?? {})), document: yaml.document}
}
