import type {Readable} from 'node:stream'

/** A document that somebody gave, and where, for messages. */
export interface GivenDocument {
  readonly where: string
  readonly value: unknown
}

/** One field: the value itself, or the text that a person wrote for it; `where` is the flag, for messages. */
export interface Assignment {
  readonly where: string
  readonly path: readonly string[]
  readonly value: unknown
  readonly isText?: boolean
}

/** What a person gave: a document, and single fields on top of it. */
export interface Given {
  readonly document: GivenDocument | undefined
  readonly assignments: readonly Assignment[]
}

/** A file that somebody gave to be brought elsewhere: all of it is known before it leaves. */
export interface GivenFile {
  readonly size: number
  readonly sha256: string
  /** In octal: `0644`. */
  readonly mode: string
  content(): Readable
}
