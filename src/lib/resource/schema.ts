import * as z from 'zod/mini'
import {type Resource, wordOf} from './resource.js'

/** The JSON Schema (2020-12) of files that hold these resources. */
export function schemaOf(resources: readonly Resource[]): object {
  const properties = Object.fromEntries(
    resources.map(resource => {
      const items = itemSchema(resource)
      return [wordOf(resource), resource.isOne ? items : {type: 'array', items}]
    }),
  )
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties,
    patternProperties: {'^x-': {}},
  }
}

function itemSchema({fields, key, noun, isOne}: Resource): object {
  const properties = Object.fromEntries(
    Object.entries(fields).flatMap(([name, {kind, summary, told}]) => {
      if (told) return []
      const {$schema: _, ...shape} = z.toJSONSchema(kind.value, {unrepresentable: 'any'})
      return [[name, {...shape, ...kind.bounds, description: summary}]]
    }),
  )
  const required = isOne ? [] : [key]
  return {title: noun, type: 'object', additionalProperties: false, required, properties}
}
