import type {Features} from './features.js'
import {formatTime, type Instant, parseInstant, type TimeFormat} from './instant.js'
import {codes, RpcError} from './rpc-error.js'

/**
 * The columns of a node by the panel's own names, in the order its JSON has them (contracts/komari.md 1.7), as they are
 * before anybody filled them in.
 */
export const emptyNode = {
  uuid: '',
  token: '',
  name: '',
  cpu_name: '',
  virtualization: '',
  arch: '',
  cpu_cores: 0,
  cpu_physical_cores: 0,
  os: '',
  kernel_version: '',
  gpu_name: '',
  ipv4: '',
  ipv6: '',
  region: '',
  remark: '',
  public_remark: '',
  /** Bytes, as swap and disk. */
  mem_total: 0,
  swap_total: 0,
  disk_total: 0,
  /** Of the agent. */
  version: '',
  weight: 0,
  /** −1 is free and 0 unset, says the panel's page. */
  price: 0,
  /** Days. */
  billing_cycle: 0,
  auto_renewal: false,
  currency: '$',
  expired_at: null as Instant | null,
  group: '',
  /** Separated by semicolons. */
  tags: '',
  hidden: false,
  /** Bytes; 0 is none. */
  traffic_limit: 0,
  traffic_limit_type: 'max',
  created_at: 0n as Instant,
  updated_at: 0n as Instant,
}

export type NodeColumns = Readonly<typeof emptyNode>

const columnNames = Object.keys(emptyNode) as Array<keyof NodeColumns>

/** Left out when empty. */
const omittedWhenEmpty = new Set<keyof NodeColumns>([
  'uuid',
  'token',
  'ipv4',
  'ipv6',
  'remark',
  'public_remark',
  'version',
])

/** Never in what guests may see, and on `/api/nodes` not even for admins. */
const secret = new Set<keyof NodeColumns>(['token', 'ipv4', 'ipv6', 'remark', 'version'])

/** Columns that a version does not have. */
function missing(name: keyof NodeColumns, features: Features): boolean {
  if (name === 'cpu_physical_cores') return !features.physicalCores
  return !features.hiddenNodes && ['hidden', 'traffic_limit', 'traffic_limit_type'].includes(name)
}

/** A node as JSON; `redacted` leaves out what guests may not see. */
export function renderNode(
  node: NodeColumns,
  {features, time}: {readonly features: Features; readonly time: TimeFormat},
  redacted: boolean,
): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const name of columnNames) {
    const value = node[name]
    if (missing(name, features) || (redacted && secret.has(name))) continue
    if (value === '' && omittedWhenEmpty.has(name)) continue
    json[name] = typeof value === 'bigint' ? formatTime(value, time) : value
  }
  return json
}

/** `192.0.2.7` as `192.*.*.*`, `2001:db8::7` as `2001:*:…`: what guests see with `send_ip_addr_to_guest`. */
export function maskedAddresses({ipv4, ipv6}: NodeColumns): Record<string, string> {
  return {
    ...(ipv4 && {ipv4: `${ipv4.split('.')[0]}.*.*.*`}),
    ...(ipv6 && {ipv6: `${ipv6.split(':')[0]}${':*'.repeat(7)}`}),
  }
}

/** What an edit makes of a row. */
export interface Edited {
  readonly columns: NodeColumns
  /** The error that reading the row gives now, per column: the panel stores any type (contracts/komari.md 3.1). */
  readonly broken: ReadonlyMap<string, string>
}

/** Changes columns as `client/{uuid}/edit` does. Throws `RpcError`. */
export function editNode(
  columns: NodeColumns,
  broken: ReadonlyMap<string, string>,
  changes: Readonly<Record<string, unknown>>,
  {metrics}: Features,
  now: Instant,
): Edited {
  const changed: Record<string, unknown> = {...columns, updated_at: now}
  const errors = new Map(broken)
  for (const [name, value] of Object.entries(changes)) {
    const index = columnNames.indexOf(name as keyof NodeColumns)
    if (index < 0) throw new RpcError(codes.internal, `no such column: ${name}`)
    if (name === 'uuid' || name === 'created_at' || name === 'updated_at') continue
    errors.delete(name)
    if (name === 'expired_at') changed[name] = metrics ? strictTime(value) : storedTime(value)
    else if (name === 'traffic_limit' && typeof value === 'number' && value < 0) {
      throw new RpcError(
        codes.internal,
        `traffic_limit must be a valid non-negative int64 value, got ${value}`,
      )
    } else {
      const wanted = emptyNode[name as keyof NodeColumns]
      const stored = typeof wanted === 'string' ? storedText(name, value) : storedFigure(name, value, wanted)
      if (typeof stored === typeof wanted) changed[name] = stored
      else errors.set(name, `sql: Scan error on column index ${index}, name "${name}": ${stored}`)
    }
  }
  return {columns: changed as unknown as NodeColumns, broken: errors}
}

/** SQLite takes numbers and booleans for text, and what is a list for a row (1.4.3). */
function storedText(name: string, value: unknown): string {
  if (name === 'token' && value === null)
    throw new RpcError(codes.internal, 'NOT NULL constraint failed: clients.token')
  const [one, ...more] = [value].flat()
  if (more.length > 0) throw new RpcError(codes.internal, 'row value misused')
  if (typeof one === 'object' && one !== null) {
    const type = 'unsupported type map[string]interface {}, a map'
    throw new RpcError(codes.internal, `sql: converting argument $1 type: ${type}`)
  }
  if (typeof one === 'boolean') return one ? '1' : '0'
  return Number.isInteger(one) ? `${one}.0` : String(one ?? '')
}

const bytes: ReadonlySet<string> = new Set(['mem_total', 'swap_total', 'disk_total', 'traffic_limit'])

/** A number or a boolean as it is read back; for what cannot be, Go's words (3.1, 1.4.3). */
function storedFigure(name: string, value: unknown, wanted: unknown): number | boolean | string {
  const shown = typeof value === 'string' ? `"${value}"` : String(value)
  if (typeof wanted === 'boolean') {
    if (/^(1|t|true)$/i.test(String(value))) return true
    if (value === null || /^(0|f|false)$/i.test(String(value))) return false
    return `sql/driver: couldn't convert ${shown} into type bool`
  }
  const number = value === '' ? Number.NaN : Number(value)
  const isFloat = name === 'price'
  if (isFloat ? Number.isFinite(number) : Number.isSafeInteger(number)) return number
  const [from, text] = Number.isNaN(number) ? ['string', shown] : ['float64', `"${number}"`]
  const kind = isFloat ? 'float64' : bytes.has(name) ? 'int64' : 'int'
  return `converting driver.Value type ${from} (${text}) to a ${kind}: invalid syntax`
}

/** Since 1.2.7: RFC 3339 with a zone, or null. */
function strictTime(value: unknown): Instant | null {
  if (value === null) return null
  const refusal = 'expired_at must be an RFC3339 timestamp with a timezone'
  if (typeof value !== 'string') throw new RpcError(codes.internal, refusal)
  const instant = parseInstant(value)
  if (instant !== undefined) return instant
  const layout = '2006-01-02T15:04:05.999999999Z07:00'
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:\.\d+)?)?$/.exec(value) ?? []
  const [rest, expected] = day ? ['', time ? 'Z07:00' : 'T'] : [value, '2006']
  throw new RpcError(
    codes.internal,
    `${refusal}: parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${expected}"`,
  )
}

/** Before: the text as it came, its zone forgotten when it is read back; what is no time reads as null. */
function storedTime(value: unknown): Instant | null {
  if (typeof value !== 'string') return null
  const wall = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/.exec(value)?.[0].replace(' ', 'T')
  return wall === undefined ? null : (parseInstant(`${wall}Z`) ?? null)
}
