import {isDeepStrictEqual} from 'node:util'
import * as z from 'zod/mini'
import {usageError} from '../errors.js'
import {flag} from '../flags/flags.js'
import {fieldOf, isObject} from '../json-object.js'
import {type Kind, kind} from './kind.js'

const header = z.record(z.string(), z.string())
const headers = z.union([header, z.string()], {error: 'is no object of texts'})

/** HTTP headers, which the panel keeps as a text of JSON; null is none, and what is no such text stays one. */
export function headersText(): Kind {
  const asHeaders = (written: string) => z.safeParse(header, jsonOr(written)).data
  return kind<z.infer<typeof headers> | null, string>({
    value: z.nullable(headers),
    wrong: given =>
      typeof given === 'string' && given !== '' && !asHeaders(given)
        ? 'is no JSON object of texts'
        : undefined,
    wire: z.string(),
    empty: null,
    zero: '',
    flag: options => flag.text({placeholder: 'json', ...options}),
    told: wire => (wire === '' ? null : (asHeaders(wire) ?? wire)),
    sent(value) {
      const given = typeof value === 'string' ? (asHeaders(value) ?? value) : value
      return typeof given === 'string' ? given : given === null ? '' : JSON.stringify(given)
    },
    cell: value => (value === null ? null : JSON.stringify(value)),
  })
}

function jsonOr(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}

/** JSON out of a flag; what is wrong is not quoted, as it may be a secret. */
function jsonIn(written: string): unknown {
  const parsed = jsonOr(written)
  if (parsed === undefined) throw usageError('this is no JSON', 'quote it for the shell, as in \'{"a": 1}\'')
  return parsed
}

/** A list of objects with fields of their own; a flag takes each as JSON. What is nothing in one is left out of it, here and there. */
export function items(fields: Readonly<Record<string, Kind>>): Kind {
  const entries = Object.entries(fields)
  const value = z.strictObject(
    Object.fromEntries(entries.map(([name, {value}]) => [name, z.optional(value)])),
    {
      error: issue =>
        issue.code === 'unrecognized_keys'
          ? `has ${issue.keys.map(key => JSON.stringify(key)).join(', ')}, and its fields are ${Object.keys(fields).join(', ')}`
          : isObject(issue.input)
            ? undefined
            : 'is not an object',
    },
  )
  const each = (held: object, change: (kind: Kind, field: unknown) => unknown) =>
    Object.fromEntries(
      entries.flatMap(([name, kind]) => {
        const field = fieldOf(held, name)
        const isNothing = [undefined, null, kind.zero, kind.empty].some(none =>
          isDeepStrictEqual(field, none),
        )
        return isNothing ? [] : [[name, change(kind, field)]]
      }),
    )
  return kind<readonly object[], readonly object[]>({
    value: z.array(value, {error: 'is not a list'}),
    wire: z.array(z.looseObject({})),
    empty: [],
    zero: [],
    flag: options => flag.text({placeholder: 'json', ...options, multiple: true}),
    given: shown =>
      Array.isArray(shown) ? shown.map(one => (typeof one === 'string' ? jsonIn(one) : one)) : shown,
    told: (wire, lookup) => wire.map(held => each(held, (kind, field) => kind.told(field, lookup))),
    sent: (given, lookup) => given.map(held => each(held, (kind, field) => kind.sent(field, lookup))),
    cell: shown => (shown.length === 0 ? null : JSON.stringify(shown)),
    targets: entries.flatMap(([, {targets}]) => targets),
    leads: wire => wire.flatMap(held => entries.flatMap(([name, kind]) => kind.leads(fieldOf(held, name)))),
    without: (wire, isGone) =>
      wire.map(held => ({
        ...held,
        ...Object.fromEntries(
          entries
            .filter(([name]) => name in held)
            .map(([name, kind]) => [name, kind.without(fieldOf(held, name), isGone)]),
        ),
      })),
  })
}
