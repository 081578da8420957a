import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import * as z from 'zod/mini'
import type {AnyEndpoint} from '../../src/lib/http/endpoint.js'
import {root} from '../harness.js'
import {asJson, stored} from './stored.js'

const folder = join(root, 'src', 'lib', 'panels')

function isEndpoint(value: unknown): value is AnyEndpoint {
  return typeof value === 'object' && value !== null && 'retry' in value && 'panel' in value
}

/** Every endpoint that is exported below `src/lib/panels`, as `nezha.listServers`. */
const endpoints: readonly (readonly [string, AnyEndpoint])[] = (
  await Promise.all(
    readdirSync(folder, {recursive: true, withFileTypes: true})
      .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
      .map(async entry => {
        const exported: Record<string, unknown> = await import(join(entry.parentPath, entry.name))
        // Of a resource, those that it is made of.
        const made = Object.entries(exported).flatMap(([name, value]) =>
          typeof value === 'object' && value !== null && 'endpoints' in value
            ? Object.entries(value.endpoints ?? {}).map(([verb, one]) => [`${name}.${verb}`, one] as const)
            : [],
        )
        return [...Object.entries(exported), ...made]
          .filter((pair): pair is [string, AnyEndpoint] => isEndpoint(pair[1]))
          .map(([name, endpoint]) => [`${endpoint.panel.name}.${name}`, endpoint] as const)
      }),
  )
)
  .flat()
  .toSorted(([one], [other]) => (one < other ? -1 : 1))

/** Requests that change nothing although they are no GET: RPC2 takes every call as a POST (contracts/komari.md 2.1). */
const readingPosts = [
  'komari.askAccount',
  'komari.askLatestStatus',
  'komari.askRpc',
  'nezha.askTicket',
  'nezha.listFolder',
  'nezha.readBytes',
  'nezha.whoAmI',
]

/** A GET that does something, and may be sent once: before v2.0.14 a task is run so (contracts/nezha.md 3.9). */
const actingGets = ['nezha.runCronByGet']

/** Writes that take a query besides: `nic` names the guest that reports (contracts/openidcs.md 2.3 no. 25). */
const writesWithQuery = ['openidcs.uploadStatus']

test('endpoints are found', () => {
  expect(endpoints.map(([name]) => name)).toContain('nezha.registerServer')
})

describe.each(endpoints)('%s', (name, {method, path, retry, lookWith, query, body}) => {
  test('is repeated only if it reads', () => {
    const reads = method === 'GET' ? !actingGets.includes(name) : readingPosts.includes(name)
    expect(retry).toBe(reads ? 'reads' : 'never')
  })

  test('says what to look with where it writes', () => {
    if (retry === 'never') expect(lookWith).toMatch(/^\S+ /)
  })

  test('has one address, without a slash at its end, and no body where it reads', () => {
    expect(path).toMatch(/^\/[^/?#]+(\/[^/?#]+)*$/)
    if (method === 'GET') expect(body).toBeUndefined()
    else if (!writesWithQuery.includes(name)) expect(query).toBeUndefined()
  })
})

test('the shape of every result is the reviewed one', () => {
  const schemas = Object.fromEntries(
    endpoints.map(([name, {method, path, result}]) => [
      name,
      {endpoint: `${method} ${path}`, result: z.toJSONSchema(result, {io: 'output', unrepresentable: 'any'})},
    ]),
  )
  expect(asJson(schemas)).toEqual(stored('schemas.json', schemas))
})

test('unknown fields of results survive, at every depth', () => {
  const strict = (schema: unknown): boolean => {
    if (typeof schema !== 'object' || schema === null) return false
    if ('additionalProperties' in schema && schema.additionalProperties === false) return true
    return Object.values(schema).some(strict)
  }
  for (const [name, {result}] of endpoints)
    expect([name, strict(z.toJSONSchema(result, {unrepresentable: 'any'}))]).toEqual([name, false])
})
