import {setMaxListeners} from 'node:events'
import type {ConnectedClient} from './client/calls.js'
import {komariCalls} from './client/komari.js'
import {nezhaCalls} from './client/nezha.js'
import {openidcsCalls} from './client/openidcs.js'
import {leadingBack} from './lib/command/hints.js'
import {showable} from './lib/command/showable.js'
import type {Connection} from './lib/config/connection/resolve.js'
import type {Environment} from './lib/config/environment.js'
import {clientOf, connectionOf, panelClock, timeoutOf} from './lib/connect.js'
import {type ErrorCode, PanelctlError as Failure, type Reason, usageError} from './lib/errors.js'
import {type Hint, hintText} from './lib/hint.js'
import {RETRIES} from './lib/http/client-options.js'
import type {Panel} from './lib/http/panel.js'
import {didYouMean} from './lib/nearest-names.js'
import {komari} from './lib/panels/komari/panel.js'
import type {PingRecord} from './lib/panels/komari/schemas.js'
import type {NodeStatus} from './lib/panels/komari/status.js'
import {nezha} from './lib/panels/nezha/panel.js'
import type {ServerStatus} from './lib/panels/nezha/status.js'
import {openidcs} from './lib/panels/openidcs/panel.js'

declare const PANELCTL_VERSION: string

/** What the types of functions are made of, for who names them. */
export type {ErrorCode, NodeStatus, PingRecord, Reason, ServerStatus}

/** A failure as the command line tells it: `code` and `exitCode` of its table, and as `hint` what to do next. */
export class PanelctlError extends Failure {
  declare readonly hint: string | undefined
}

/** Where a panel is and how it is asked. What is left out, the environment and the saved contexts say, as of a command. */
export interface Options {
  /** A saved context, with its address and its credential. */
  readonly context?: string | undefined
  /** The address of the panel. */
  readonly url?: string | undefined
  /** For what stands before the panel, such as a login gateway. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A PEM file of certificates to trust as well. */
  readonly caFile?: string | undefined
  /** Checks no certificate. */
  readonly insecure?: boolean | undefined
  /** Milliseconds that an attempt may take: 30,000, or more for what takes long. */
  readonly timeout?: number | undefined
  /** How often a read is tried again: 3 times, and 20 at most. A write is sent once. */
  readonly retries?: number | undefined
  /** Ends what is under way, which then rejects with the signal's reason; a write may have been done. */
  readonly signal?: AbortSignal | undefined
  /** In the place of `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Takes what a command would warn of or note; without it `process.emitWarning` does. */
  readonly warn?: ((text: string) => void) | undefined
}

/** Each panel, what a connection to it has, and by which option each variable of its credentials is given. */
const panels = {
  nezha: {
    panel: nezha,
    calls: nezhaCalls,
    credentials: {
      token: 'NEZHA_TOKEN',
      cookie: 'NEZHA_COOKIE',
      username: 'NEZHA_USERNAME',
      password: 'NEZHA_PASSWORD',
    },
  },
  komari: {
    panel: komari,
    calls: komariCalls,
    credentials: {apiKey: 'KOMARI_API_KEY', session: 'KOMARI_SESSION_TOKEN'},
  },
  openidcs: {panel: openidcs, calls: openidcsCalls, credentials: {token: 'OPENIDCS_TOKEN'}},
}

/** Instead of the credential that the environment or a context has. */
type Credentials<Name extends keyof typeof panels> = {
  readonly [Option in keyof (typeof panels)[Name]['credentials']]?: string | undefined
}

export type Nezha = ReturnType<typeof nezhaCalls>
export type Komari = ReturnType<typeof komariCalls>
export type OpenIdcs = ReturnType<typeof openidcsCalls>
export type NezhaOptions = Options & Credentials<'nezha'>
export type KomariOptions = Options & Credentials<'komari'>
export type OpenIdcsOptions = Options & Credentials<'openidcs'>

/** The environment with the credential of the options in the place of its own, for their address alone where they have one. */
function environmentOf(
  {urlVariable}: Panel,
  credentials: Readonly<Record<string, string>>,
  {env = process.env, context, url, ...options}: Options,
): Environment {
  const given = Object.entries(options).flatMap(([option, value]) => {
    const variable = credentials[option]
    return variable === undefined || value === undefined ? [] : [[variable, value]]
  })
  if (given.length === 0) return env
  if (context !== undefined)
    throw usageError('a context and a credential contradict each other', 'give one of them')
  const others = Object.values(credentials).flatMap(variable => [variable, `${variable}_FILE`])
  if (url !== undefined) others.push(urlVariable)
  return {
    ...env,
    ...Object.fromEntries(others.map(variable => [variable, undefined])),
    ...Object.fromEntries(given),
  }
}

const OPTIONS: Readonly<Record<keyof Options, true>> = {
  context: true,
  url: true,
  headers: true,
  caFile: true,
  insecure: true,
  timeout: true,
  retries: true,
  signal: true,
  env: true,
  warn: true,
}

/** Of JavaScript, where a credential under a mistyped name would leave that of the environment in its place. */
function checkNames(options: Options, credentials: Readonly<Record<string, string>>): void {
  const names = Object.keys({...OPTIONS, ...credentials})
  const other = Object.keys(options).find(name => !names.includes(name))
  if (other !== undefined)
    throw usageError(
      `there is no option "${other}"`,
      didYouMean(other, names, `options: ${names.join(', ')}`),
    )
}

/** Of JavaScript too, where it may be anything: what is not a number would be told as a panel that cannot be reached. */
function checkNumber(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw usageError(`${option} is no whole number within ${least} and ${most}`)
}

/** The same functions, whose failures are told as `told` does. */
function telling<Calls extends object>(calls: Calls, told: (error: unknown) => unknown): Calls {
  const entries = Object.entries(calls).map(([name, call]) => {
    if (typeof call !== 'function') return [name, telling(call, told)]
    const called = async (...input: unknown[]) => {
      try {
        return await call(...input)
      } catch (error) {
        throw told(error)
      }
    }
    return [name, called]
  })
  return Object.fromEntries(entries)
}

/**
 * A connection to a panel: a function for each endpoint, and those that the commands are made of. Nothing is read and
 * nothing sent before one is called. All of them reject with PanelctlError.
 * @throws PanelctlError USAGE for an unknown panel, and for options that contradict each other
 */
export function connect(panel: 'nezha', options?: NezhaOptions): Nezha
export function connect(panel: 'komari', options?: KomariOptions): Komari
export function connect(panel: 'openidcs', options?: OpenIdcsOptions): OpenIdcs
export function connect(name: keyof typeof panels, options: Options = {}): object {
  if (!Object.hasOwn(panels, name))
    throw new PanelctlError('USAGE', `there is no panel "${name}"`, {hint: Object.keys(panels).join(', ')})
  const {panel, calls, credentials} = panels[name]
  const {context, url, headers = {}, caFile, insecure, timeout, retries = RETRIES} = options
  const secrets = new Set<string>()
  const warn = (text: Hint) => {
    const shown = showable(hintText(text), secrets)
    if (options.warn) options.warn(shown)
    else process.emitWarning(shown, 'PanelctlWarning')
  }
  let connection: Connection | undefined

  const told = (error: unknown) => {
    const connected = connection && {panel, connection}
    const failure = leadingBack(error, {
      id: name,
      flags: {context, url, insecure: insecure === true},
      connected,
    })
    // In JavaScript an argument may be missing, or of another type.
    if (failure instanceof TypeError)
      return new PanelctlError('USAGE', showable(failure.message, secrets), {
        hint: 'look at the arguments',
        cause: failure,
      })
    if (!(failure instanceof Failure)) return failure
    const {code, message, hint, reason, status} = failure
    // Without its cause, which may hold the request and with it secrets.
    return new PanelctlError(code, showable(message, secrets), {
      hint: hint === undefined ? undefined : showable(hintText(hint), secrets),
      reason,
      panel: failure.panel,
      status,
    })
  }

  function connected(): ConnectedClient {
    checkNames(options, credentials)
    checkNumber('retries', retries, 0, 20)
    // A timer takes 31 bits.
    checkNumber('timeout', timeout ?? 1, 1, 2 ** 31 - 1)
    const asker = {
      env: environmentOf(panel, credentials, options),
      version: PANELCTL_VERSION,
      now: () => new Date(),
    }
    const typed = {
      context,
      url,
      caFile,
      insecure,
      headers: Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
    }
    const target = async () => {
      connection = await connectionOf(panel, typed, asker)
      connection.notes.forEach(warn)
      return connection
    }
    const clock = panelClock(asker)
    const signal = AbortSignal.any(options.signal ? [options.signal] : [])
    // Each request ends with it, and there may be many at once.
    setMaxListeners(0, signal)
    const client = clientOf(target, asker, {
      timeout: timeoutOf(timeout, asker.env),
      retries,
      dryRun: false,
      signal,
      warn,
      told: clock.told,
      stale: failure => warn(failure.message),
      sends: secret => secrets.add(secret),
    })
    return {client, api: client.call, note: warn, now: clock.now}
  }

  try {
    return telling(calls(connected()), told)
  } catch (error) {
    throw told(error)
  }
}
