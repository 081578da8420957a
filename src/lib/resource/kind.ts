import * as z from 'zod/mini'
import {PanelctlError} from '../errors.js'
import {type Flag, flag} from '../flags/flags.js'
import {type Cell, list, moment} from '../output/cell.js'
import {compareNatural} from '../output/natural.js'
import {type Lookup, meant, nameOf, type Referenced, typed} from './target.js'

/** What a flag of a field is made of. */
interface FlagOptions {
  readonly summary: string
}

/** The id of another thing. */
export interface Lead {
  readonly target: Referenced
  readonly id: string | number
}

/** What a field may hold: how a person writes it in flags and files, and how the panel has it. */
export interface Kind {
  /** As it is written and shown. */
  readonly value: z.ZodMiniType
  /** As the panel tells it. */
  readonly wire: z.ZodMiniType
  /** What it is where the panel says nothing. */
  readonly empty: unknown
  /** The same for the panel. */
  readonly zero: unknown
  flag(options: FlagOptions): Flag<unknown>
  /** What a flag's value is in a file. */
  given(value: unknown): unknown
  told(wire: unknown, lookup: Lookup): unknown
  /** @throws PanelctlError NOT_FOUND or USAGE where it leads to nothing, or to several */
  sent(value: unknown, lookup: Lookup): unknown
  cell(value: unknown): Cell
  /** What it leads to. */
  readonly targets: readonly Referenced[]
  /** What a value of the panel leads to, also where that is gone. */
  leads(wire: unknown): readonly Lead[]
  /** The value without what is gone of that. */
  without(wire: unknown, isGone: (lead: Lead) => boolean): unknown
  /** What a JSON Schema says of it besides its type. */
  readonly bounds?: object | undefined
}

interface KindDefinition<Value, Wire> {
  readonly value: z.ZodMiniType<Value>
  /** What is wrong with a value of that shape; what a panel tells may be so all the same. */
  wrong?(value: Value): string | undefined
  readonly wire: z.ZodMiniType<Wire>
  readonly empty: Value
  readonly zero: Wire
  flag(options: FlagOptions): Flag<unknown>
  given?(value: unknown): unknown
  told(wire: Wire, lookup: Lookup): Value
  sent(value: Value, lookup: Lookup): Wire
  cell?(value: Value): Cell
  readonly targets?: readonly Referenced[]
  leads?(wire: Wire): readonly Lead[]
  without?(wire: Wire, isGone: (lead: Lead) => boolean): Wire
  readonly bounds?: object
}

/** @throws PanelctlError BAD_RESPONSE where the panel tells something else */
function toldAs<Wire>(wire: z.ZodMiniType<Wire>, raw: unknown): Wire {
  const {success, data} = z.safeParse(wire, raw)
  if (success) return data
  throw new PanelctlError(
    'BAD_RESPONSE',
    `the panel tells a value of another type: ${JSON.stringify(raw)?.slice(0, 80)}`,
  )
}

export function kind<Value, Wire>(definition: KindDefinition<Value, Wire>): Kind {
  const {value, wire, empty, zero, wrong} = definition
  const right = z.refine<Value>(given => wrong?.(given) === undefined, {
    error: ({input}) => wrong?.(z.parse(value, input)) ?? '',
  })
  return {
    value: wrong ? value.check(right) : value,
    wire: z.nullish(wire),
    empty,
    zero,
    flag: definition.flag,
    given: definition.given ?? (given => given),
    told: (raw, lookup) =>
      raw === null || raw === undefined ? empty : definition.told(toldAs(wire, raw), lookup),
    sent: (given, lookup) => definition.sent(z.parse(value, given), lookup),
    cell(shown) {
      const parsed = z.safeParse(value, shown)
      // A secret that is masked is of no kind, and a panel may tell what is of none: a list, too.
      if (!parsed.success || !definition.cell)
        return typeof shown === 'object' && shown !== null ? JSON.stringify(shown) : (shown as Cell)
      return definition.cell(parsed.data)
    },
    targets: definition.targets ?? [],
    leads: raw => (raw === null || raw === undefined ? [] : (definition.leads?.(toldAs(wire, raw)) ?? [])),
    without: (raw, isGone) =>
      raw === null || raw === undefined || !definition.without
        ? raw
        : definition.without(toldAs(wire, raw), isGone),
    bounds: definition.bounds,
  }
}

const same = <Value>(value: Value): Value => value

/** A text; `normal` is what the panel makes of it. */
export function text({
  normal = same<string>,
  wrong,
  cell,
}: {
  normal?(text: string): string
  wrong?(text: string): string | undefined
  cell?(text: string): Cell
} = {}): Kind {
  return kind({
    value: z.string({error: 'is not a text'}),
    ...(wrong ? {wrong} : {}),
    wire: z.string(),
    empty: '',
    zero: '',
    flag: options => flag.text({placeholder: 'text', ...options}),
    told: same,
    sent: normal,
    ...(cell ? {cell} : {}),
  })
}

/** A whole number within bounds, or any number. */
export function number({
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
  fraction = false,
  cell,
}: {
  min?: number
  max?: number
  fraction?: boolean
  cell?(value: number): Cell
} = {}): Kind {
  const above = min === Number.MIN_SAFE_INTEGER ? '' : ` of ${min} at least`
  const bounds = max === Number.MAX_SAFE_INTEGER ? above : ` within ${min} and ${max}`
  const error = `is not a ${fraction ? '' : 'whole '}number${bounds}`
  const isRight = (given: number) => given >= min && given <= max && (fraction || Number.isInteger(given))
  return kind({
    value: z.number({error}),
    wrong(given) {
      if (isRight(given)) return undefined
      return !fraction && given > Number.MAX_SAFE_INTEGER ? 'is too large' : error
    },
    bounds: {type: fraction ? 'number' : 'integer', minimum: min, maximum: max},
    wire: z.number(),
    empty: 0,
    zero: 0,
    flag: options =>
      fraction
        ? flag.text({placeholder: 'number', ...options, filled: true})
        : flag.integer({min, max, ...options}),
    given: shown => (typeof shown === 'string' ? Number(shown) : shown),
    told: same,
    // -0, which comes back as 0.
    sent: given => given + 0,
    ...(cell ? {cell} : {}),
  })
}

/** A moment with its zone, RFC 3339; null is none, `never` in a flag, as which year 1 is told, and `zero` is none to the panel. */
export function time({zero = ''}: {zero?: string | null} = {}): Kind {
  const isTime = (given: string) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(given) &&
    !Number.isNaN(Date.parse(given)) &&
    isDay(given.slice(0, 10))
  return kind<string | null, string | null>({
    value: z.nullable(z.string({error: 'is not a text'})),
    wrong: given =>
      given === null || isTime(given) ? undefined : 'is no time with a zone, as in 2027-01-31T00:00:00Z',
    wire: z.nullable(z.string()),
    empty: null,
    zero,
    flag: options => flag.text({placeholder: 'time', ...options, filled: true}),
    given: shown => (shown === 'never' ? null : shown),
    told: wire => (isNever(wire) ? null : wire),
    sent: given => (isNever(given) ? zero : new Date(given).toISOString().replace('.000Z', 'Z')),
    cell: given => (given === null ? null : moment(new Date(given))),
    bounds: {format: 'date-time'},
  })
}

/** Go's zero time stands for none: where a panel shows it, it is given back as well. */
function isNever(written: string | null): written is null {
  return !written || written.startsWith('0001-')
}

/** A day that is in its month: to JavaScript February 31 is March 3. */
function isDay(written: string): boolean {
  return new Date(Date.parse(written)).toISOString().startsWith(written)
}

/** Yes or no. */
export function toggle(): Kind {
  return kind({
    value: z.boolean({error: 'is neither true nor false'}),
    wire: z.boolean(),
    empty: false,
    zero: false,
    flag: options => flag.toggle(options),
    told: same,
    sent: same,
  })
}

/** Words of ours for numbers of the panel: the same number may mean the opposite elsewhere. */
export function choice<const Words extends Readonly<Record<string, string | number>>>(words: Words): Kind {
  const names = Object.keys(words)
  const first = names.find(name => words[name] === 0)
  return kind<string, string | number>({
    value: z.string({error: 'is not a text'}),
    wrong: given => (names.includes(given) ? undefined : `is none of ${names.join(', ')}`),
    bounds: {enum: names},
    wire: z.union([z.string(), z.number()]),
    empty: first ?? '',
    zero: first === undefined ? '' : 0,
    flag: options => flag.choice(names, options),
    // What newer versions know besides stays what it is.
    told: wire => names.find(name => words[name] === wire) ?? String(wire),
    sent: value => words[value] ?? (/^-?\d+$/.test(value) ? Number(value) : value),
  })
}

/** Several texts. */
export function texts({normal = same<string>}: {normal?(text: string): string} = {}): Kind {
  return kind({
    value: z.array(z.string({error: 'is not a text'}), {error: 'is not a list'}),
    wire: z.array(z.string()),
    empty: [],
    zero: [],
    flag: options => flag.text({placeholder: 'text', ...options, multiple: true}),
    given: withoutEmpty,
    told: same,
    sent: value => value.map(normal),
    cell: value => list(value),
  })
}

function withoutEmpty(given: unknown): unknown {
  return Array.isArray(given) ? given.filter(one => one !== '') : given
}

function typedIn(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(typedIn)
  return typeof given === 'string' ? typed(given) : given
}

const referred = z.union([z.string(), z.int()], {error: 'is neither a name nor an id'})

/** What flags that lead somewhere have in common. */
function flagTo({noun, list, idColumn = 'id'}: Referenced) {
  return {placeholder: noun.replaceAll(' ', '-'), among: `${list} --columns name,${idColumn}`}
}

/** Another thing, by name or id; null is none. */
export function reference(target: Referenced): Kind {
  return kind<string | number | null, string | number>({
    value: z.nullable(referred),
    wire: z.union([z.string(), z.number()]),
    empty: null,
    zero: 0,
    flag: options => flag.text({...flagTo(target), ...options}),
    given: shown => (shown === '' ? null : typedIn(shown)),
    told: (wire, lookup) => (wire === 0 ? null : nameOf(wire, lookup(target))),
    sent: (value, lookup) => (value === null ? 0 : meant(lookup(target), value, target).id),
    targets: [target],
    leads: wire => (wire === 0 ? [] : [{target, id: wire}]),
    without: (wire, isGone) => (isGone({target, id: wire}) ? 0 : wire),
  })
}

/** Another thing that is always called by its name. */
export function nameOfOther(target: Referenced): Kind {
  return kind({
    value: z.string({error: 'is not a text'}),
    wire: z.string(),
    empty: '',
    zero: '',
    flag: options => flag.text({placeholder: target.noun.replaceAll(' ', '-'), ...options}),
    told: same,
    sent: (value, lookup) => meant(lookup(target), value, target).name,
    targets: [target],
  })
}

/** Several other things, each once, in no order: as a list of ids, as `{"ID": true}`, or as a text of ids. */
export function references(target: Referenced, {as = 'list'}: {as?: 'list' | 'marks' | 'text'} = {}): Kind {
  const written: Readonly<Record<typeof as, (ids: Ids) => Held>> = {
    list: ids => ids,
    marks: ids => Object.fromEntries(ids.map(id => [id, true])),
    text: ids => ids.join(','),
  }
  const listed = z.union([z.array(z.union([z.string(), z.number()])), z.record(z.string(), z.boolean())])
  return kind<Ids, Held>({
    value: z.array(referred, {error: 'is not a list'}),
    wire: as === 'text' ? z.string() : listed,
    empty: [],
    zero: written[as]([]),
    flag: options => flag.text({...flagTo(target), ...options, multiple: true}),
    given: shown => typedIn(withoutEmpty(shown)),
    told(held, lookup) {
      const rows = lookup(target)
      return idsIn(held)
        .map(id => nameOf(id, rows))
        .toSorted((one, other) => compareNatural(String(one), String(other)))
    },
    sent: (value, lookup) =>
      written[as]([...new Set(value.map(one => meant(lookup(target), one, target).id))].sort(byText)),
    cell: value => list(value.map(String)),
    targets: [target],
    leads: held => idsIn(held).map(id => ({target, id})),
    without: (held, isGone) => written[as](idsIn(held).filter(id => !isGone({target, id}))),
  })
}

type Ids = readonly (string | number)[]
type Held = Ids | Readonly<Record<string, boolean>> | string

/** Ids in a list, and those of marks and in a text, which are numbers. */
function idsIn(held: Held): Ids {
  if (typeof held === 'string') return held.split(',').map(Number).filter(Boolean)
  const isList = (given: Exclude<Held, string>): given is Ids => Array.isArray(given)
  if (isList(held)) return held
  return Object.entries(held).flatMap(([key, isMarked]) => (isMarked ? Number(key) : []))
}

function byText(one: string | number, other: string | number): number {
  return typeof one === 'number' && typeof other === 'number'
    ? one - other
    : String(one) < String(other)
      ? -1
      : 1
}

/** What is wrong with a value: `is not a text`, with where in it. */
export function problemIn({value}: Kind, given: unknown): string | undefined {
  const [issue] = z.safeParse(value, given).error?.issues ?? []
  if (!issue) return undefined
  const place = issue.path
    .map(step => (typeof step === 'number' ? `[${step + 1}]` : `.${String(step)}`))
    .join('')
  return [place, issue.message].filter(Boolean).join(' ')
}
