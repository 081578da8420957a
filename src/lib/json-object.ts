/** Whether a JSON value is an object: neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field of a JSON value; undefined where there is none. */
export function fieldOf(json: unknown, name: string): unknown {
  return isObject(json) && Object.hasOwn(json, name) ? json[name] : undefined
}

/** A field that is a text; empty where it is not. */
export function textAt(json: unknown, name: string): string {
  const value = fieldOf(json, name)
  return typeof value === 'string' ? value : ''
}
