/** The value behind a flag in a unit or init script, whichever way it is quoted; `flags` as in `-s|--server`. */
export function valueBehind(text: string, flags: string): string | undefined {
  return new RegExp(`[\\s"'](?:${flags})["']?(?:\\s+|=)["']?([A-Za-z0-9.:_/[\\]-]+)`).exec(text)?.[1]
}
