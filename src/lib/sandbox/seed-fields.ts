import {parse} from 'yaml'
import * as z from 'zod/mini'

export const amount = z.number().check(z.gte(0))
export const word = z.string().check(z.minLength(1))

type Shape<Fields> = {readonly [Name in keyof Fields]: z.ZodMiniOptional<z.ZodMiniType<Fields[Name]>>}

/**
 * What a seed may say of each of these fields, by the panel's own names: text for text, a switch for a switch, an amount
 * for a number, and all of a group. Of fields that are nothing at first it may say a list of texts, or nothing.
 */
export function optionalFields<Fields extends object>(empty: Fields): Shape<Fields> {
  const shape = Object.entries(empty).map(([name, value]) => [name, z.optional(typeOf(value))])
  return Object.fromEntries(shape)
}

function typeOf(value: unknown): z.ZodMiniType {
  if (typeof value === 'string') return z.string()
  if (typeof value === 'boolean') return z.boolean()
  if (value === null) return z.nullable(z.array(z.string()))
  if (typeof value !== 'object') return amount
  return z.strictObject(
    Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, typeOf(inner)])),
  )
}

/** No two items of a list have the same value of a field; those without it have none. */
export function distinct<Name extends string>(name: Name) {
  return z.superRefine<ReadonlyArray<{readonly [Key in Name]?: unknown}>>((items, context) => {
    const seen = new Set<unknown>()
    for (const [index, item] of items.entries()) {
      const value: unknown = item[name]
      if (value !== undefined && seen.has(value)) {
        context.issues.push({code: 'custom', message: 'is taken already', input: items, path: [index, name]})
      }
      seen.add(value)
    }
  })
}

/** A world in the words of a seed file; read when it is asked for the first time. */
export function worldIn<World>(schema: z.ZodMiniType<World>, text: string): () => World {
  let world: World | undefined
  return () => {
    world ??= z.parse(schema, parse(text))
    return world
  }
}
