import {usageError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import {didYouMean} from '../../nearest-names.js'
import type {Store} from '../secrets/secret.js'

/** What holds where neither a flag nor a variable says; as it is written, whoever uses it checks it. */
export interface Preferences {
  output?: string | undefined
  /** As `--timeout` takes it. */
  timeout?: string | undefined
  retries?: number | undefined
  /** What `--columns` would say, by the words of a command: `nezha server list`. */
  columns?: Readonly<Record<string, string>> | undefined
}

/** A saved connection to one panel, without its secret. */
export interface SavedContext {
  panel: string
  url: string
  /** Which generation of the panel was there when it was last asked. */
  generation?: string | undefined
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
  /** What holds for this panel alone. */
  preferences?: Preferences | undefined
}

export interface Config {
  contexts: ReadonlyMap<string, SavedContext>
  /** Panel → name of its current context. */
  current: ReadonlyMap<string, string>
  /** What holds for every command. */
  preferences?: Preferences
}

/** The context of a run. */
export interface ChosenContext extends SavedContext {
  name: string
  /** What chose it: `--context`, a variable, `current context`. */
  chosenBy: string
}

/** Names go into file names, shell words and messages unquoted. */
export function isContextName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
}

/** @throws PanelctlError USAGE for a name that a context cannot have */
export function checkContextName(name: string): void {
  if (isContextName(name)) return
  throw usageError(
    `${JSON.stringify(name)} cannot be the name of a context`,
    'use letters, digits, ".", "_" and "-", the first a letter or digit',
  )
}

/**
 * The context of that name; `source` is what gave the name (`--context`, a variable).
 * @throws PanelctlError USAGE with the nearest names where there is none
 */
export function contextNamed(
  {contexts}: Pick<Config, 'contexts'>,
  name: string,
  source?: string,
): SavedContext {
  const context = contexts.get(name)
  if (context !== undefined) return context
  throw usageError(
    `no context ${JSON.stringify(name)}${source === undefined ? '' : ` (${source})`}`,
    didYouMean(name, contexts.keys(), panelctl('context list')),
    'missing',
  )
}
