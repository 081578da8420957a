import type {Recording} from '../recordings.js'
import type {NewerAccess} from './nezha-targets.js'
import {Constants, replaceField, scrubbed, textLiteral} from './scrub.js'

/** A JSON Web Token, and the hash of a password, as v1's profile tells it (contracts/nezha.md 3.6). */
const jwt = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g
const hash = /\$2[aby]\$\d\d\$[./0-9A-Za-z]{53}/g

/**
 * Takes out of recordings of v1 and v2 what belongs to the dashboard's owner: credentials, secrets of agents, hashes, names of
 * servers, groups, services, accounts and site, notes, addresses, UUIDs, CPU and GPU names, countries, start times.
 * @throws Error when something of it would be left
 */
export function scrubNewer(recordings: readonly Recording[], access: NewerAccess): readonly Recording[] {
  const [names, secrets, addresses, uuids] = [
    new Constants(),
    new Constants(),
    new Constants(),
    new Constants(),
  ]
  const made = (constants: Constants, constant: (number: number) => string) => (literal: string) =>
    JSON.stringify(constants.add(JSON.parse(literal), constant))
  const name = made(names, number => `name-${number}`)
  const secret = made(secrets, number => `liveNezhaSecret${String(number).padStart(3, '0')}`)
  const address = made(addresses, number => `192.0.2.${number % 256}`)
  const uuid = made(uuids, number => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`)
  const each = (word: string) => (list: string) =>
    JSON.stringify(JSON.parse(list).map((_: string, index: number) => `${word} ${index + 1}`))
  const list = String.raw`\[(?:${textLiteral},?)+\]`

  const withoutTokens = (text: string) =>
    text
      .replaceAll(jwt, token => secrets.add(token, number => `eyJliveNezha.session.${number}`))
      .replaceAll(hash, found => secrets.add(found, number => `liveNezhaHash${number}`))

  function scrubJson(raw: string): string {
    let clean = withoutTokens(raw)
    clean = replaceField(
      clean,
      'name|username|server_name|monitor_name|service_name|site_name',
      textLiteral,
      name,
    )
    clean = replaceField(clean, 'password|agent_secret|agent_secret_key|jwt_secret_key', textLiteral, secret)
    clean = replaceField(clean, 'ipv4_addr|ipv6_addr|install_host|login_ip', textLiteral, address)
    // What is watched may be the dashboard itself.
    clean = replaceField(clean, 'target', textLiteral, () => '"192.0.2.0:80"')
    clean = replaceField(clean, 'uuid', textLiteral, uuid)
    clean = replaceField(clean, 'note|public_note', textLiteral, literal =>
      literal === '""' ? literal : '"note"',
    )
    clean = replaceField(clean, 'custom_code|custom_code_dashboard|oauth2_\\w+', textLiteral, () => '""')
    clean = replaceField(clean, 'cpu', list, each('CPU'))
    clean = replaceField(clean, 'gpu', list, each('GPU'))
    clean = replaceField(clean, 'country_code', textLiteral, literal => (literal === '""' ? literal : '"xx"'))
    clean = replaceField(clean, 'boot_time', String.raw`[1-9]\d*`, () => '1700000000')
    return replaceField(clean, 'uptime', String.raw`[1-9]\d*`, () => '86400')
  }

  const header = (_: string, value: string) => {
    const known =
      access.token === '' ? value : value.replaceAll(access.token, 'nzp_liveNezhaApiToken00000001')
    // The realm is the site's name.
    return withoutTokens(known).replace(/(JWT realm=).*/, '$1Nezha')
  }

  return scrubbed(recordings, {
    path: path => path,
    header,
    body: raw => scrubJson(raw),
    secrets: () => [
      access.token,
      access.password,
      ...secrets.values,
      ...addresses.values,
      ...uuids.values,
      ...names.values.filter(text => text.length > 7),
    ],
  })
}
