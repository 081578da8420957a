import {usageError} from '../errors.js'
import {readNamed} from '../named-file.js'

/** Environment variables as the caller hands them in; nothing below `src/lib/config` reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Variables that hold credentials, ours and others'; what `XDG_ACTIVATION_TOKEN` has is for windows. */
const ofCredentials = /^(?!XDG_).*_(TOKEN|API_KEY|COOKIE|HEADERS|PASSWORD|SECRET)(_FILE)?$/

/** The environment for a program that has no business with credentials, such as a browser. */
export function withoutCredentials(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofCredentials.test(name)))
}

/** The value of a variable, or undefined when it is unset or empty: `NAME= command` means "without NAME". */
export function variable(env: Environment, name: string): string | undefined {
  return env[name] || undefined
}

/** Which of `NAME` and `NAME_FILE` is set, without reading a file; undefined when neither is. */
export function secretVariable(env: Environment, name: string): string | undefined {
  return [name, `${name}_FILE`].find(candidate => variable(env, candidate) !== undefined)
}

/**
 * The text of `NAME`, or of the file that `NAME_FILE` names (Docker, Kubernetes, systemd credentials), and the variable
 * that it came from. Undefined when neither is set.
 * @throws PanelctlError USAGE when both are, or when the file cannot be read
 */
export async function environmentText(
  env: Environment,
  name: string,
): Promise<{readonly text: string; readonly source: string; readonly where: string} | undefined> {
  const direct = variable(env, name)
  const source = `${name}_FILE`
  const path = variable(env, source)
  if (direct !== undefined && path !== undefined)
    throw usageError(`both ${name} and ${source} are set`, `unset ${name} or ${source}`)
  if (direct !== undefined) return {text: direct, source: name, where: name}
  if (path === undefined) return undefined
  const text = await readNamed(path, {source, hint: `point ${source} at a readable file that holds it`})
  return {text, source, where: `${source}=${path}`}
}

/**
 * A secret, as `environmentText` reads it.
 * @throws as that, and PanelctlError USAGE where it is empty or has several lines (a header cannot carry them)
 */
export async function readEnvironmentSecret(env: Environment, name: string): Promise<string | undefined> {
  const found = await environmentText(env, name)
  return found && oneLine(found.text, found.where)
}

/**
 * A secret out of a file that a flag names.
 * @throws PanelctlError USAGE where it cannot be read, is empty or has several lines
 */
export async function readSecretFile(path: string, source: string): Promise<string> {
  const text = await readNamed(path, {source, hint: `point ${source} at a readable file that holds it`})
  return oneLine(text, `${source}=${path}`)
}

/**
 * Refuses quotation marks around a value, before it goes anywhere: whoever reads such a file hands them on as a part of
 * it (docker/cli#3630), and no address, token or cookie has them.
 * @throws PanelctlError USAGE naming them
 */
export function refuseQuotation(text: string, source: string): void {
  const mark = text[0]
  if (mark !== '"' && mark !== "'") return
  throw usageError(
    `${source}: the value has quotation marks (${mark}) around it`,
    'write it without them: docker --env-file and others hand them on as a part of it',
  )
}

/** `echo secret | base64` leaves a newline in many a Kubernetes secret, a .env file of Windows a carriage return: at the end they are no part of it. */
function oneLine(text: string, where: string): string {
  const value = text.replace(/\r?\n$|\r$/, '')
  if (value === '') throw usageError(`${where} is empty`)
  if (value.includes('\0'))
    throw usageError(`${where} is no UTF-8 text: it holds NUL bytes`, 'is it UTF-16? save it as UTF-8')
  if (/[\r\n]/.test(value)) throw usageError(`${where} has more than one line`, 'a secret is one line')
  return value
}
