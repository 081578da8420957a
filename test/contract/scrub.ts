import type {Recording} from './recorder.js'

/** What the file says in place of the real ones. */
export const scrubbed = {
  token: 'liveNezhaApiToken000000000000001',
  cookie: 'nezha-dashboard=liveNezhaSession0000000000000001',
  brand: 'Nezha',
} as const

export interface Secrets {
  readonly token: string
  /** A whole Cookie header. */
  readonly cookie: string | undefined
}

interface Element {
  readonly id?: number
  readonly name?: string
  readonly tag?: string
  readonly ipv4?: string
  readonly ipv6?: string
  readonly monitor_id?: number
  readonly monitor_name?: string
}

const text = String.raw`"(?:[^"\\]|\\.)*"`

/** Every value of a field, replaced where it stands, so that the rest of the body stays byte for byte. */
function replaceField(raw: string, field: string, value: string, replace: (literal: string) => string) {
  return raw.replace(
    new RegExp(`("(?:${field})":)(${value})`, 'g'),
    (_, key: string, literal: string) => key + replace(literal),
  )
}

function elementsOf(raw: string): Element[] {
  try {
    const {result} = JSON.parse(raw)
    return Array.isArray(result) ? result : []
  } catch {
    return []
  }
}

/** Constants for the values that name people's machines; by the lowest id, so that order on the wire plays no part. */
function dictionary(recordings: readonly Recording[]) {
  const elements = recordings.flatMap(({response}) => elementsOf(response.raw))
  const constants = {
    name: new Map<string, string>(),
    tag: new Map<string, string>(),
    address: new Map<string, string>(),
    monitor: new Map<string, string>(),
  }
  const add = (map: Map<string, string>, value: string | undefined, constant: string) => {
    if (value !== undefined && value !== '' && !map.has(value)) map.set(value, constant)
  }
  for (const {id = 0, name, tag, ipv4, ipv6} of elements.toSorted(
    (one, other) => (one.id ?? 0) - (other.id ?? 0),
  )) {
    add(constants.name, name, `server-${id}`)
    add(constants.tag, tag, `group-${id}`)
    add(constants.address, ipv4, `192.0.2.${id % 256}`)
    add(constants.address, ipv6, `2001:db8::${id.toString(16)}`)
  }
  for (const {monitor_id, monitor_name} of elements)
    add(constants.monitor, monitor_name, `monitor-${monitor_id}`)
  return constants
}

/**
 * Takes out of recordings what belongs to the panel's owner: credentials, secrets of agents, names of servers, groups,
 * monitors and site, addresses, CPU and GPU names, countries, start times.
 * @throws Error when something of it would be left
 */
export function scrub(recordings: readonly Recording[], secrets: Secrets): Recording[] {
  const constants = dictionary(recordings)
  const agentSecrets = new Map<string, string>()

  const lookUp = (map: ReadonlyMap<string, string>) => (literal: string) => {
    const value: string = JSON.parse(literal)
    return JSON.stringify(value === '' ? '' : (map.get(value) ?? 'unknown'))
  }
  const agentSecret = (literal: string) => {
    if (literal === '""') return literal
    const constant = `liveNezhaSecret${String(agentSecrets.size + 1).padStart(3, '0')}`
    if (!agentSecrets.has(literal)) agentSecrets.set(literal, constant)
    return JSON.stringify(agentSecrets.get(literal))
  }
  const each = (constant: string) => (list: string) =>
    JSON.stringify(JSON.parse(list).map((_: string, index: number) => `${constant} ${index + 1}`))

  function scrubJson(raw: string): string {
    const list = String.raw`\[(?:${text},?)+\]`
    let clean = raw
    clean = replaceField(clean, 'name|server_name|Name', text, lookUp(constants.name))
    clean = replaceField(clean, 'tag|Tag', text, lookUp(constants.tag))
    clean = replaceField(clean, 'monitor_name', text, lookUp(constants.monitor))
    clean = replaceField(clean, 'ipv4|ipv6|valid_ip', text, lookUp(constants.address))
    clean = replaceField(clean, 'secret|Secret|token|Token', text, agentSecret)
    clean = replaceField(clean, 'note|Note', text, () => '"note"')
    clean = replaceField(clean, 'CPU', list, each('CPU'))
    clean = replaceField(clean, 'GPU', list, each('GPU'))
    clean = replaceField(clean, 'CountryCode', text, literal => (literal === '""' ? literal : '"xx"'))
    clean = replaceField(clean, 'BootTime', String.raw`[1-9]\d*`, () => '1700000000')
    clean = replaceField(clean, 'Uptime', String.raw`[1-9]\d*`, () => '86400')
    return clean
  }

  /** The page around a message: the site's name, and code of its own that its owner may have put there. */
  function scrubPage(raw: string): string {
    return scrubPath(raw)
      .replace(/<script\b[\s\S]*?<\/script>/g, '')
      .replace(/(<title>[^<]*? - )[^<]*(<\/title>)/, `$1${scrubbed.brand}$2`)
      .replace(/(&copy; <a [^>]*>)[^<]*(<\/a>)/, `$1${scrubbed.brand}$2`)
  }

  const scrubBody = (raw: string, type: string | null) =>
    type?.startsWith('text/html') ? scrubPage(raw) : scrubJson(raw)

  function scrubHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => {
        if (name === 'cookie') return [name, scrubbed.cookie]
        return [name, scrubPath(value.replaceAll(secrets.token, scrubbed.token))]
      }),
    )
  }

  /** Groups of the panel; what else the tests ask for is their own. */
  function scrubPath(path: string): string {
    return path.replace(/([?&]tag=)([^&"]*)/, (whole, key: string, value: string) => {
      const tag = new URLSearchParams(`tag=${value}`).get('tag') ?? ''
      const constant = constants.tag.get(tag) ?? (tag.startsWith('contract-') ? 'unknown' : undefined)
      return constant === undefined ? whole : key + constant
    })
  }

  const clean = recordings.map(({id, request, response}) => ({
    id,
    request: {
      method: request.method,
      path: scrubPath(request.path),
      headers: scrubHeaders(request.headers),
      body: request.body === null ? null : scrubJson(request.body),
    },
    response: {
      status: response.status,
      content_type: response.content_type,
      headers: scrubHeaders(response.headers),
      raw: scrubBody(response.raw, response.content_type),
    },
  }))
  assertClean(clean, [
    secrets.token,
    ...(secrets.cookie ?? '').split(/;\s*/).map(pair => pair.slice(pair.indexOf('=') + 1)),
    ...[...agentSecrets.keys()].map(literal => JSON.parse(literal)),
    ...constants.address.keys(),
    ...[...constants.name.keys(), ...constants.tag.keys(), ...constants.monitor.keys()].filter(
      name => name.length > 7,
    ),
  ])
  return clean
}

function assertClean(recordings: readonly Recording[], secrets: readonly string[]): void {
  const whole = JSON.stringify(recordings)
  const left = secrets.filter(secret => secret !== '' && whole.includes(JSON.stringify(secret).slice(1, -1)))
  if (left.length > 0) throw new Error(`${left.length} values are left in the recordings`)
}
