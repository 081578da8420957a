import {readFile} from 'node:fs/promises'
import {type PanelctlError, usageError} from '../errors.js'

/** Environment variables as the caller hands them in; nothing below `src/lib/config` reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface EnvironmentSecret {
  value: string
  /** The variable it came from: `NAME` or `NAME_FILE`. */
  source: string
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
 * A secret from `NAME` or from the file that `NAME_FILE` names (Docker, Kubernetes, systemd credentials).
 * Gives null when neither is set. Throws USAGE when both are, or when the file is unreadable, empty,
 * a folder, or the secret has several lines (a header cannot carry them).
 */
export async function readEnvironmentSecret(
  env: Environment,
  name: string,
): Promise<EnvironmentSecret | null> {
  const direct = variable(env, name)
  const fileVariable = `${name}_FILE`
  const path = variable(env, fileVariable)
  if (direct !== undefined && path !== undefined)
    throw usageError(`both ${name} and ${fileVariable} are set`, `unset ${name} or ${fileVariable}`)
  if (path !== undefined)
    return {
      value: oneLine(await readSecretFile(fileVariable, path), `${fileVariable}=${path}`),
      source: fileVariable,
    }
  return direct === undefined ? null : {value: oneLine(direct, name), source: name}
}

async function readSecretFile(fileVariable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(fileVariable, path, error)
  }
}

function unreadable(fileVariable: string, path: string, cause: unknown): PanelctlError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return usageError(
    `${fileVariable}=${path}: ${reason}`,
    `point ${fileVariable} at a readable file that holds the secret`,
  )
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

/** `echo secret | base64` leaves a newline in many a Kubernetes secret, so one at the end is not part of it. */
function oneLine(text: string, where: string): string {
  const value = text.replace(/\r?\n$/, '')
  if (value === '') throw usageError(`${where} is empty`)
  if (/[\r\n]/.test(value)) throw usageError(`${where} has more than one line`, 'a secret is one line')
  return value
}
