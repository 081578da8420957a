import type {HttpRecording} from '../recordings.js'
import type {NezhaAccess} from './nezha-targets.js'
import {Constants, replaceField, scrubbed, textLiteral} from './scrub.js'

/** What the file says in place of the real ones. */
const constant = {
  token: 'liveNezhaApiToken000000000000001',
  cookie: 'nezha-dashboard=liveNezhaSession0000000000000001',
  brand: 'Nezha',
} as const

interface Element {
  readonly id?: number
  readonly name?: string
  readonly tag?: string
  readonly ipv4?: string
  readonly ipv6?: string
  readonly monitor_id?: number
  readonly monitor_name?: string
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
function dictionary(recordings: readonly HttpRecording[]) {
  const elements = recordings.flatMap(({response}) => elementsOf(response.raw ?? ''))
  const [names, tags, addresses, monitors] = [
    new Constants(),
    new Constants(),
    new Constants(),
    new Constants(),
  ]
  for (const {id = 0, name = '', tag = '', ipv4 = '', ipv6 = ''} of elements.toSorted(
    (one, other) => (one.id ?? 0) - (other.id ?? 0),
  )) {
    names.add(name, () => `server-${id}`)
    tags.add(tag, () => `group-${id}`)
    addresses.add(ipv4, () => `192.0.2.${id % 256}`)
    addresses.add(ipv6, () => `2001:db8::${id.toString(16)}`)
  }
  for (const {monitor_id, monitor_name = ''} of elements) {
    monitors.add(monitor_name, () => `monitor-${monitor_id}`)
  }
  return {names, tags, addresses, monitors}
}

/**
 * Takes out of recordings what belongs to the dashboard's owner: credentials, secrets of agents, names of servers, groups,
 * monitors and site, addresses, CPU and GPU names, countries, start times.
 * @throws Error when something of it would be left
 */
export function scrubNezha(
  recordings: readonly HttpRecording[],
  {token, cookie}: NezhaAccess,
): HttpRecording[] {
  const {names, tags, addresses, monitors} = dictionary(recordings)
  const agents = new Constants()

  const agentSecret = (literal: string) =>
    JSON.stringify(
      agents.add(JSON.parse(literal), number => `liveNezhaSecret${String(number).padStart(3, '0')}`),
    )
  const each = (word: string) => (list: string) =>
    JSON.stringify(JSON.parse(list).map((_: string, index: number) => `${word} ${index + 1}`))

  function scrubJson(raw: string): string {
    const list = String.raw`\[(?:${textLiteral},?)+\]`
    let clean = raw
    clean = replaceField(clean, 'name|server_name|Name', textLiteral, names.literal)
    clean = replaceField(clean, 'tag|Tag', textLiteral, tags.literal)
    clean = replaceField(clean, 'monitor_name', textLiteral, monitors.literal)
    clean = replaceField(clean, 'ipv4|ipv6|valid_ip', textLiteral, addresses.literal)
    clean = replaceField(clean, 'secret|Secret|token|Token', textLiteral, agentSecret)
    clean = replaceField(clean, 'note|Note', textLiteral, () => '"note"')
    clean = replaceField(clean, 'CPU', list, each('CPU'))
    clean = replaceField(clean, 'GPU', list, each('GPU'))
    clean = replaceField(clean, 'CountryCode', textLiteral, literal => (literal === '""' ? literal : '"xx"'))
    clean = replaceField(clean, 'BootTime', String.raw`[1-9]\d*`, () => '1700000000')
    clean = replaceField(clean, 'Uptime', String.raw`[1-9]\d*`, () => '86400')
    return clean
  }

  /** The page around a message: the site's name, and code of its own that its owner may have put there. */
  function scrubPage(raw: string): string {
    return scrubPath(raw)
      .replace(/<script\b[\s\S]*?<\/script>/g, '')
      .replace(/(<title>[^<]*? - )[^<]*(<\/title>)/, `$1${constant.brand}$2`)
      .replace(/(&copy; <a [^>]*>)[^<]*(<\/a>)/, `$1${constant.brand}$2`)
  }

  /** Groups of the panel; what else the tests ask for is their own. */
  function scrubPath(path: string): string {
    return path.replace(/([?&]tag=)([^&"]*)/, (whole, key: string, value: string) => {
      const tag = new URLSearchParams(`tag=${value}`).get('tag') ?? ''
      const known = tags.get(tag) ?? (tag.startsWith('contract-') ? 'unknown' : undefined)
      return known === undefined ? whole : key + known
    })
  }

  return scrubbed(recordings, {
    path: scrubPath,
    header: (name, value) =>
      name === 'cookie' ? constant.cookie : scrubPath(value.replaceAll(token, constant.token)),
    body: (raw, type) => (type?.startsWith('text/html') ? scrubPage(raw) : scrubJson(raw)),
    secrets: () => [
      token,
      ...(cookie ?? '').split(/;\s*/).map(pair => pair.slice(pair.indexOf('=') + 1)),
      ...agents.values,
      ...addresses.values,
      ...[...names.values, ...tags.values, ...monitors.values].filter(name => name.length > 7),
    ],
  })
}
