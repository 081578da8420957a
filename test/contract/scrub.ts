import type {HttpRecording, Recording, SocketRecording} from '../recordings.js'

/** A text in JSON, as it is written there. */
export const textLiteral = String.raw`"(?:[^"\\]|\\.)*"`

/** Every value of a field, replaced where it stands, so that the rest of the body stays byte for byte. */
export function replaceField(
  raw: string,
  field: string,
  value: string,
  replace: (literal: string) => string,
): string {
  return raw.replace(
    new RegExp(`("(?:${field})":)(${value})`, 'g'),
    (_, key: string, literal: string) => key + replace(literal),
  )
}

/** Values and what stands for them, in the order in which they were met. */
export class Constants {
  readonly #constants = new Map<string, string>()

  /** @returns what stands for the value: what it got before, else this */
  add(value: string, constant: (number: number) => string): string {
    const known = this.#constants.get(value)
    if (known !== undefined || value === '') return known ?? ''
    const made = constant(this.#constants.size + 1)
    this.#constants.set(value, made)
    return made
  }

  /** For a text in JSON; one that was never met gets a word that says so. */
  readonly literal = (literal: string): string => {
    const value: string = JSON.parse(literal)
    return JSON.stringify(value === '' ? '' : (this.#constants.get(value) ?? 'unknown'))
  }

  get(value: string): string | undefined {
    return this.#constants.get(value)
  }

  /** Replaces the values wherever they stand. */
  replaceIn(text: string): string {
    let clean = text
    for (const [value, constant] of this.#constants) clean = clean.replaceAll(value, constant)
    return clean
  }

  get values(): readonly string[] {
    return [...this.#constants.keys()]
  }
}

/** What a panel's recordings have to be cleaned of, part by part. */
export interface ScrubRules {
  readonly path: (path: string) => string
  readonly header: (name: string, value: string) => string
  /** A body or a frame. */
  readonly body: (raw: string, type: string | null) => string
  /** What must not be left anywhere; asked for in the end. */
  readonly secrets: () => readonly string[]
}

/**
 * Recordings without what belongs to the panel's owner.
 * @throws Error when something of it would be left
 */
export function scrubbed<Kind extends Recording>(recordings: readonly Kind[], rules: ScrubRules): Kind[] {
  const headers = (given: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, rules.header(name, value)]))

  function exchange({id, request, response}: HttpRecording): HttpRecording {
    return {
      id,
      request: {
        method: request.method,
        path: rules.path(request.path),
        headers: headers(request.headers as Readonly<Record<string, string>>),
        body: request.body === null ? null : rules.body(request.body, 'application/json'),
      },
      response: {
        status: response.status,
        content_type: response.content_type,
        headers: headers(response.headers),
        raw: rules.body(response.raw ?? '', response.content_type),
      },
    }
  }

  function conversation({id, websocket, handshake, frames}: SocketRecording): SocketRecording {
    const {body} = handshake
    return {
      id,
      websocket: {path: rules.path(websocket.path), headers: headers(websocket.headers)},
      handshake: {
        status: handshake.status,
        headers: headers(handshake.headers),
        ...(body !== undefined && {body: rules.body(body, handshake.headers['content-type'] ?? null)}),
      },
      frames: frames.map(({send, recv}) => ({
        ...(send !== undefined && {send: rules.body(send, null)}),
        ...(recv !== undefined && {recv: rules.body(recv, 'application/json')}),
      })),
    }
  }

  const clean = recordings.map(recording =>
    'websocket' in recording ? conversation(recording) : exchange(recording),
  )
  const secrets = rules.secrets().filter(secret => secret !== '')
  const left = clean.filter(recording => {
    const text = JSON.stringify(recording)
    return secrets.some(secret => text.includes(JSON.stringify(secret).slice(1, -1)))
  })
  if (left.length > 0)
    throw new Error(`values are left in the recordings: ${left.map(({id}) => id).join(', ')}`)
  return clean as Kind[]
}
