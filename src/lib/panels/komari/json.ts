/** A field of a JSON value; undefined where there is none. */
export function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, name)
    ? json[name as keyof typeof json]
    : undefined
}

/** A field that is a text; empty where it is not. */
export function textAt(json: unknown, name: string): string {
  const value = fieldOf(json, name)
  return typeof value === 'string' ? value : ''
}
