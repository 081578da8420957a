/** JSON as it arrives and leaves. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** As Flask's `jsonify` writes it (contracts/openidcs.md 1.1): keys sorted, ASCII, in lines when debugging. */
export function flaskJson(value: Json, debug: boolean): string {
  const text = JSON.stringify(sorted(value), undefined, debug ? 2 : undefined)
  const ascii = text.replace(
    /[\u007f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${ascii}\n`
}

function sorted(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(sorted)
  const keys = Object.keys(value).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  return Object.fromEntries(keys.map(key => [key, sorted(value[key] ?? null)]))
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}
