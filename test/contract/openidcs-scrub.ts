import {parsed, type Recording} from '../recordings.js'
import type {OpenidcsAccess} from './openidcs-targets.js'
import {Constants, scrubbed} from './scrub.js'

/** What the tests call theirs; whatever else is on the panel is its owner's. */
export const own = {host: 'hlive', vm: 'l-web'} as const

type Json = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const secretField = /^(server_pass|i_kuai_pass|os_pass|vc_pass|vm_pass|temp_token|password)$/

/** Every text in a value, with the name of its field. */
function* textsIn(value: unknown, field = ''): Generator<[string, string]> {
  if (typeof value === 'string') yield [field, value]
  else if (Array.isArray(value)) for (const inner of value) yield* textsIn(inner, field)
  else if (isObject(value)) for (const [name, inner] of Object.entries(value)) yield* textsIn(inner, name)
}

function bodies(recordings: readonly Recording[]): unknown[] {
  return recordings.flatMap(recording =>
    'request' in recording ? [parsed(recording.request.body), parsed(recording.response.raw ?? '')] : [],
  )
}

/** The folders of a configuration: where they are is nobody's business, their last name may stay. */
function folders(config: Json): string[] {
  const paths = Object.values(config).filter(
    value => typeof value === 'string' && /^[/A-Z].*[/\\]/.test(value),
  )
  return [...new Set(paths.map(path => String(path).replace(/[/\\][^/\\]*$/, '')))].filter(
    path => !path.startsWith('http'),
  )
}

/** A page without the panel's source, which those of failures show (trap 2). */
function plainPage(page: string): string {
  const title = /<title>([^<]*)/.exec(page)?.[1]?.split('\n')[0] ?? ''
  // What a failure is about stands in the title, with a path at times.
  return `<!doctype html>\n<html lang=en>\n<title>${title.replaceAll(/'[^']*[/\\][^']*'/g, "'…'")}</title>\n`
}

/**
 * Takes out of recordings what belongs to the panel's owner: token, sessions, passwords, folders, other hosts and what
 * the log says of them, the machine's figures, pages with the panel's source.
 * @throws Error when something of it would be left
 */
export function scrubOpenidcs(
  recordings: readonly Recording[],
  {token, hostConfig}: OpenidcsAccess,
): Recording[] {
  const secrets = new Constants()
  const places = new Constants()
  secrets.add(token, () => 'liveOpenidcsToken00000001')
  const seen = [hostConfig, ...bodies(recordings)]
  for (const [field, text] of seen.flatMap(value => [...textsIn(value)])) {
    if (secretField.test(field) && !/^(\*+|)$/.test(text))
      secrets.add(text, number => `live-password-${number}`)
    if (/[?&]token=/.test(text))
      secrets.add(/token=(\w+)/.exec(text)?.[1] ?? '', number => `liveConsole${number}`)
  }
  for (const folder of folders(hostConfig)) places.add(folder, number => `/srv/live${number}`)

  const everywhere = (text: string) => places.replaceIn(secrets.replaceIn(text))

  /** Only the tests' own of what is by name; nothing of the log, whose lines name what others do. */
  function withoutOthers(data: unknown): unknown {
    if (Array.isArray(data))
      return data.filter(item => !isObject(item) || !('created_at' in item && 'level' in item))
    if (!isObject(data)) return data
    const entries = Object.entries(data)
    const isByName = entries.some(([name, item]) => isObject(item) && item.name === name && 'addr' in item)
    return isByName ? Object.fromEntries(entries.filter(([name]) => name === own.host)) : data
  }

  function scrubJson(raw: string): string {
    const document = parsed(raw)
    if (!isObject(document)) return everywhere(raw)
    const {data} = document
    const kept = withoutOthers(data)
    const same = JSON.stringify(kept) === JSON.stringify(data)
    const text = same ? raw : `${JSON.stringify({...document, data: kept}, null, 2)}\n`
    // What the processor is called, and the address of a machine.
    return everywhere(text).replace(/("cpu_model": ?")[^"]+/g, '$1scrubbed')
  }

  return scrubbed(recordings, {
    path: everywhere,
    header: (name, value) => (name === 'cookie' ? 'session=liveOpenidcsSession' : everywhere(value)),
    body: (raw, type) => (type?.startsWith('text/html') && raw !== '' ? plainPage(raw) : scrubJson(raw)),
    secrets: () => [...secrets.values.filter(secret => secret.length > 3), ...places.values],
  })
}
