import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * What real panels answered, in test/fixtures/<panel>: a line of JSON for each exchange, over HTTP or a WebSocket. The files
 * `v….jsonl` were recorded by hand, each with the quirks of a version; `live-….jsonl` are what `npm run test:live` wrote.
 */

/** Of a request or an answer; each recorder has written the names its own way. */
export type RecordedHeaders = Readonly<Record<string, string | readonly string[]>>

/** One request and its answer. */
export interface HttpRecording {
  readonly id: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: RecordedHeaders
    readonly body: string | null
  }
  readonly response: {
    /** 0 where there was none. */
    readonly status: number
    readonly content_type: string | null
    readonly headers: Readonly<Record<string, string>>
    /** The body; in place of it what follows, where the recorder kept it in another form. */
    readonly raw?: string
    readonly json?: unknown
    readonly text?: string
    /** Phrases in the part of a page that was cut off. */
    readonly contains?: readonly string[]
    readonly truncated?: boolean
    readonly frames?: unknown
  }
  readonly note?: string
}

/** What happened on a WebSocket, in its order. */
export interface RecordedFrame {
  readonly send?: string
  readonly opcode?: string
  readonly recv?: string
  readonly recv_close?: {readonly code: number}
  readonly event?: string
  readonly tcp_closed?: string
}

/** A WebSocket, or what came in its place. */
export interface SocketRecording {
  readonly id: string
  readonly websocket: {
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly host?: string
  }
  readonly handshake: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }
  readonly frames: readonly RecordedFrame[]
  readonly note?: string
}

export type Recording = HttpRecording | SocketRecording

export function fixtureFolder(panel: string): string {
  return join(import.meta.dirname, 'fixtures', panel)
}

export function readRecordings<Kind extends Pick<Recording, 'id'> = Recording>(
  panel: string,
  file: string,
): Kind[] {
  return readFileSync(join(fixtureFolder(panel), file), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** The files that live runs wrote, one a version. */
export function liveFiles(panel: string): string[] {
  return readdirSync(fixtureFolder(panel)).filter(file => /^live-.*\.jsonl$/.test(file))
}

/** The body that was recorded; of a page that was cut off, its beginning and the phrases known to be in the rest. */
export function bodyOf({response}: HttpRecording): string {
  const {raw, json, text = '', contains = []} = response
  return raw ?? (json === undefined ? [text, ...contains].join('\n') : JSON.stringify(json))
}

/** A header by its lower-case name; of a repeated one the first. */
export function headerOf(headers: RecordedHeaders, wanted: string): string | undefined {
  return [Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1]].flat()[0]
}

/** The path and query that were asked for, as the panel reads them. */
export function targetOf({request}: HttpRecording): URL {
  return new URL(request.path, 'http://panel')
}

/** JSON, or undefined for a text that is none. */
export function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

/** How many recordings were replayed, and which were not, and why: nothing is to be left out unseen. */
export class Tally {
  replayed = 0
  readonly #skipped = new Map<string, string[]>()

  /** Counts a recording that cannot be replayed, and why: each is told to who runs the tests, and their number is asserted. */
  leaveOut(reason: string, {id}: Pick<Recording, 'id'>): void {
    this.#skipped.set(reason, [...(this.#skipped.get(reason) ?? []), id])
  }

  get counts(): {replayed: number; skipped: number} {
    return {replayed: this.replayed, skipped: [...this.#skipped.values()].flat().length}
  }

  /** Says it to who runs the tests. */
  report(title: string, more = ''): void {
    const {replayed, skipped} = this.counts
    const lines = [...this.#skipped].map(
      ([reason, ids]) => `  ${ids.length} × ${reason}: ${ids.join(', ')}\n`,
    )
    process.stderr.write(`${title}: ${replayed} replayed, ${skipped} skipped\n${lines.join('')}${more}`)
  }
}
