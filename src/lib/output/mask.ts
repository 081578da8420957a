import {withIntegersOf} from '../exact-integers.js'
import {MASK} from '../mask.js'

function maskSecret(value: unknown, secretFields: ReadonlySet<string>): unknown {
  if (typeof value === 'number' || (typeof value === 'string' && value !== '')) return MASK
  if (Array.isArray(value)) return maskEach(value, element => maskSecret(element, secretFields))
  return maskValue(value, secretFields)
}

function maskEach(values: unknown[], maskOne: (value: unknown) => unknown): unknown[] {
  const masked = values.map(maskOne)
  return masked.some((value, index) => !Object.is(value, values[index]))
    ? withIntegersOf(values, masked)
    : values
}

function maskValue(value: unknown, secretFields: ReadonlySet<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return maskEach(value, element => maskValue(element, secretFields))
  let copy: Record<string, unknown> | undefined
  for (const [key, field] of Object.entries(value)) {
    const masked = secretFields.has(key) ? maskSecret(field, secretFields) : maskValue(field, secretFields)
    if (Object.is(masked, field)) continue
    // The spread makes even a field called __proto__ an ordinary one, so that the assignment stays one.
    copy ??= {...value}
    copy[key] = masked
  }
  return copy ?? value
}

/**
 * A JSON value with the secrets of the fields named (at any depth, case-sensitive) replaced by `MASK`: non-empty
 * strings, numbers, and those inside an array. Whatever holds no secret is not copied; the value given never changes.
 */
export function mask<Value>(value: Value, secretFields: ReadonlySet<string>): Value {
  // Walking through a large answer costs a tenth of the command.
  if (secretFields.size === 0) return value
  // The copy has the same shape, except that a number which is a secret became a text.
  return maskValue(value, secretFields) as Value
}
