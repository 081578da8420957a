import * as z from 'zod/mini'
import {type Resource, wordOf} from './resource.js'

/** The JSON Schema (2020-12) of files that hold these resources. */
export function schemaOf(resources: readonly Resource[]): object {
  const properties = Object.fromEntries(
    resources.map(resource => [wordOf(resource), {type: 'array', items: itemSchema(resource)}]),
  )
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties,
    patternProperties: {'^x-': {}},
  }
}

function itemSchema({fields, key, noun}: Resource): object {
  const properties = Object.fromEntries(
    Object.entries(fields).flatMap(([name, {kind, summary, told}]) => {
      if (told) return []
      const {$schema: _, ...shape} = z.toJSONSchema(kind.value, {unrepresentable: 'any'})
      return [[name, {...shape, ...kind.bounds, description: summary}]]
    }),
  )
  return {title: noun, type: 'object', additionalProperties: false, required: [key], properties}
}
