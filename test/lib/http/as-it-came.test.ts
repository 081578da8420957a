import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import * as z from 'zod/mini'
import {isAsItCame} from '../../../src/lib/http/as-it-came.js'

const names = fc.constantFrom('a', 'b', 'c', '7', '__proto__')

/** Shapes of all kinds that panels' answers have, some of which make another value of what they are given. */
const {schema} = fc.letrec<{schema: z.ZodMiniType}>(tie => ({
  schema: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    fc.constantFrom<z.ZodMiniType>(
      z.string(),
      z.number(),
      z.boolean(),
      z.unknown(),
      z.int(),
      z.email(),
      z.string().check(z.minLength(2)),
      z.coerce.string(),
      z._default(z.number(), 1),
      z.pipe(
        z.string(),
        z.transform(text => text.length),
      ),
      z.union([z.string(), z.null()]),
    ),
    tie('schema').map(inner => z.array(inner)),
    tie('schema').map(inner => z.optional(inner)),
    tie('schema').map(inner => z.nullable(inner)),
    tie('schema').map(inner => z.record(z.string(), inner)),
    fc.array(fc.tuple(names, tie('schema')), {maxLength: 4}).map(fields => {
      const shape = Object.fromEntries(fields.filter(([name]) => name !== '__proto__'))
      return z.looseObject(shape)
    }),
    fc
      .array(fc.tuple(names, tie('schema')), {maxLength: 2})
      .map(fields => z.object(Object.fromEntries(fields))),
  ),
}))

const {json} = fc.letrec<{json: string}>(tie => ({
  json: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    fc.constantFrom('""', '"a"', '"text"', '1', '1.5', '1e400', 'true', 'null'),
    fc.array(tie('json'), {maxLength: 3}).map(items => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(names, tie('json')), {maxLength: 4, selector: ([name]) => name})
      .map(fields => `{${fields.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
  ),
}))

test('what is taken as it came is what zod makes of it, in the same order', () => {
  let taken = 0
  fc.assert(
    fc.property(schema, json, (shape, text) => {
      const value: unknown = JSON.parse(text)
      if (!isAsItCame(shape, value)) return
      taken += 1
      const parsed = z.safeParse(shape, value)
      expect(parsed.success).toBe(true)
      expect(JSON.stringify(parsed.data)).toBe(JSON.stringify(value))
      expect(parsed.data).toEqual(value)
    }),
    {numRuns: 5000},
  )
  expect(taken).toBeGreaterThan(100)
})

describe('a server as panels tell it', () => {
  const server = z.looseObject({
    id: z.number(),
    name: z.string(),
    note: z.optional(z.string()),
    host: z.looseObject({cpu: z.nullable(z.array(z.string()))}),
  })

  test.each([
    '{"id":1,"name":"a","host":{"cpu":null}}',
    '{"id":1,"name":"a","note":"","host":{"cpu":["x"],"more":[{"__proto__":1}]},"later":{}}',
  ])('is taken as it came: %s', text => {
    expect(isAsItCame(server, JSON.parse(text))).toBe(true)
  })

  test.each([
    '{"id":1,"name":"a"}',
    '{"id":1,"note":"","host":{"cpu":null}}',
    '{"name":"a","id":1,"host":{"cpu":null}}',
    '{"new":0,"id":1,"name":"a","host":{"cpu":null}}',
    '{"id":"1","name":"a","host":{"cpu":null}}',
    '{"id":1e400,"name":"a","host":{"cpu":null}}',
    '{"id":1,"name":"a","host":{"cpu":[1]}}',
    '{"id":1,"name":"a","host":{"cpu":null},"__proto__":{}}',
    '{"id":1,"name":"a","host":[]}',
    'null',
    '[]',
  ])('is left to zod: %s', text => {
    expect(isAsItCame(server, JSON.parse(text))).toBe(false)
  })
})
