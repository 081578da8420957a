/** Where a context's secret lies. */
export type Store = 'file' | 'keychain'

/** A saved connection to one panel, without its secret. */
export interface SavedContext {
  panel: string
  url: string
  /** Absolute, or relative to the config folder. */
  caFile?: string | undefined
  /** Accepted at login, so it is not warned of again. */
  insecure?: boolean | undefined
  /** For what stands before the panel, as typed: `NAME: VALUE`, or `NAME: @FILE` with an absolute file. */
  headers?: readonly string[] | undefined
  /** The kind of the stored secret (`token`, `cookie`); absent when there is none. */
  credential?: string | undefined
  store: Store
  /** A shell command that prints the secret, instead of a stored one. */
  tokenCommand?: string | undefined
  /** Accepted at login: credentials go over plain HTTP. */
  acceptedPlainHttp?: boolean | undefined
}

export interface Config {
  contexts: ReadonlyMap<string, SavedContext>
  /** Panel → name of its current context. */
  current: ReadonlyMap<string, string>
}

/** A secret and what it is to the panel (`token`, `cookie`, `session`). */
export interface StoredSecret {
  kind: string
  value: string
}

export interface NamedContext extends SavedContext {
  name: string
  /** What chose it: `--context`, a variable, `current context`. */
  chosenBy: string
}
