import {isObject} from '../../json-object.js'

// The panel gives back whatever JSON type it was sent (contracts/openidcs.md 1.1, trap 11): what is to be counted or
// compared is read here, and what makes no sense is null.

const MEBIBYTE = 1024 * 1024

/** A number, also one in a text. */
export function numberOf(value: unknown): number | null {
  // Not 1e400, which is none that can be told.
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  return null
}

/** A text that says something: not an empty one. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null
  return typeof value === 'string' && value !== '' ? value : null
}

/** Bytes of the panel's MB, which are MiB. */
export function bytesOf(megabytes: unknown): number | null {
  const value = numberOf(megabytes)
  return value === null ? null : value * MEBIBYTE
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {}
}

/** Where something listens: `192.168.1.10:80`, `[fd00::1]:80`. */
export function socketOf(address: unknown, port: unknown): string {
  const host = textOf(address) ?? '?'
  return `${host.includes(':') ? `[${host}]` : host}:${textOf(port) ?? '?'}`
}

/** The same; nothing where neither address nor port is told. */
export function ruleTargetOf(address: unknown, port: unknown): string | null {
  return textOf(address) === null && textOf(port) === null ? null : socketOf(address, port)
}
