import {parsed, type Recording} from '../recordings.js'
import type {KomariAccess} from './komari-targets.js'
import {Constants, replaceField, scrubbed, textLiteral} from './scrub.js'

const constant = {
  apiKey: 'liveKomariApiKey0000000000000001',
  page: '<!doctype html><title>Komari</title>',
  provider: 'https://provider.example/authorize?client_id=live&state=live',
} as const

const uuidPattern = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
/** The tests' own, which names nothing. */
const nobody = '00000000-0000-0000-0000-000000000000'

const numbered = (word: string, digits: number) => (number: number) =>
  `${word}${String(number).padStart(digits, '0')}`

/** Every text that went over the wire. */
function* textsOf(recording: Recording): Generator<string> {
  if ('request' in recording) {
    yield recording.request.path
    yield recording.request.body ?? ''
    yield recording.response.raw ?? ''
    return
  }
  yield recording.handshake.body ?? ''
  for (const {send, recv} of recording.frames) yield recv ?? send ?? ''
}

/** Every object in a value, itself included. */
function* objectsIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Readonly<Record<string, unknown>>
  for (const inner of Object.values(value)) yield* objectsIn(inner)
}

/** Constants for what names people and their machines. */
function dictionary(recordings: readonly Recording[]) {
  const [uuids, names, groups, secrets, addresses] = [
    new Constants(),
    new Constants(),
    new Constants(),
    new Constants(),
    new Constants(),
  ]
  for (const text of recordings.flatMap(recording => [...textsOf(recording)])) {
    for (const [uuid] of text.matchAll(uuidPattern)) {
      if (uuid !== nobody) uuids.add(uuid, number => `${numbered('', 8)(number)}-0000-4000-8000-000000000000`)
    }
    for (const object of objectsIn(parsed(text))) {
      const {uuid, id, name, group, token, session_token, ipv4, ipv6} = object
      const words = {name, group, token, session_token, ipv4, ipv6}
      const said = (word: keyof typeof words) => (typeof words[word] === 'string' ? words[word] : '')
      if (typeof uuid === 'string') names.add(said('name'), numbered('node-', 2))
      else if (typeof id === 'number') names.add(said('name'), () => `task-${id}`)
      groups.add(said('group'), numbered('group-', 1))
      secrets.add(said('token'), numbered('liveKomariAgentToken', 2))
      secrets.add(said('session_token'), numbered('liveKomariSession', 15))
      addresses.add(said('ipv4'), number => `192.0.2.${number % 256}`)
      addresses.add(said('ipv6'), number => `2001:db8::${number.toString(16)}`)
    }
  }
  return {uuids, names, groups, secrets, addresses}
}

/** An object as the value of a field, however deep it is. */
function emptyObject(raw: string, field: string): string {
  const start = raw.indexOf(`"${field}":{`)
  if (start === -1) return raw
  const value = start + field.length + 3
  for (let end = value + 1; end <= raw.length; end++) {
    if (raw[end - 1] === '}' && parsed(raw.slice(value, end)) !== undefined) {
      return `${raw.slice(0, value)}{}${raw.slice(end)}`
    }
  }
  return raw
}

/**
 * Takes out of recordings what belongs to the panel's owner: credentials, tokens of agents, uuids, names, groups, tags and
 * remarks, addresses, countries, what the machines are, how long they run, the site's own texts and pages.
 * @throws Error when something of it would be left
 */
export function scrubKomari(
  recordings: readonly Recording[],
  {apiKey, session, login}: KomariAccess,
): Recording[] {
  const {uuids, names, groups, secrets, addresses} = dictionary(recordings)
  secrets.add(apiKey, () => constant.apiKey)
  secrets.add(session, numbered('liveKomariSession', 15))

  const everywhere = (text: string) => uuids.replaceIn(secrets.replaceIn(text))
  const unless =
    (kept: RegExp, word: string) =>
    (literal: string): string =>
      kept.test(JSON.parse(literal)) ? literal : JSON.stringify(word)

  function scrubJson(raw: string): string {
    const field = (name: string, replace: (literal: string) => string) => {
      clean = replaceField(clean, name, textLiteral, replace)
    }
    let clean = everywhere(raw)
    field('name', names.literal)
    field('group', groups.literal)
    field('ipv4|ipv6', addresses.literal)
    field('username', unless(/^(|Guest|api_key|client|contract-.*)$/, 'admin'))
    field('password|2fa_code', unless(/^contract-/, 'liveKomariPassword'))
    field('tags|remark|public_remark|region|sitename|description', unless(/^$/, 'scrubbed'))
    field('cpu_name|virtualization|os|kernel_version|device_name', unless(/^$/, 'scrubbed'))
    field('gpu_name', unless(/^(|None)$/, 'scrubbed'))
    field('custom_head|custom_body|sso_id|sso_type', () => '""')
    clean = emptyObject(clean, 'theme_settings')
    // Of a report, where agents put what they have to complain of; elsewhere it is the panel's own.
    clean = clean.replace(new RegExp(`("process":\\d+,"message":)${textLiteral}`, 'g'), '$1""')
    return replaceField(clean, 'uptime', String.raw`[1-9]\d*`, () => '86400')
  }

  return scrubbed(recordings, {
    path: everywhere,
    header: (name, value) =>
      name === 'location' && /^https?:/.test(value) ? constant.provider : everywhere(value),
    body: (raw, type) => (type?.startsWith('text/html') && raw !== '' ? constant.page : scrubJson(raw)),
    secrets: () => [
      login?.password ?? '',
      ...secrets.values,
      ...uuids.values,
      ...[...names.values, ...groups.values].filter(name => name.length > 7 && !name.startsWith('contract-')),
      ...addresses.values,
    ],
  })
}
