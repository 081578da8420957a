/** How many colours the output may have, as chalk counts: none, 16, 256, millions. */
export type ColourLevel = 0 | 1 | 2 | 3

export interface ColourSources {
  env: Readonly<Record<string, string | undefined>>
  /** `--no-color` was given. */
  flagNoColour: boolean
  /** The stream that the text goes to is a terminal. */
  isTTY: boolean
}

function forcedLevel(value: string): ColourLevel {
  if (value === '0' || value === 'false') return 0
  if (value === '2') return 2
  if (value === '3') return 3
  return 1
}

/** Whether a terminal shows the codes that it is sent, and obeys none: that of an editor, or of a job that is logged. */
export function isDumb({TERM}: ColourSources['env']): boolean {
  return TERM === 'dumb'
}

/**
 * Decides on colour once for a stream: `--no-color` and NO_COLOR (non-empty, no-color.org) come first, then FORCE_COLOR
 * as Node reads it, CLICOLOR_FORCE and CLICOLOR (bixense.com/clicolors), and last what the terminal is.
 */
export function colourLevel({env, flagNoColour, isTTY}: ColourSources): ColourLevel {
  if (flagNoColour || env.NO_COLOR) return 0
  if (env.FORCE_COLOR !== undefined) return forcedLevel(env.FORCE_COLOR)
  if (env.CLICOLOR_FORCE && env.CLICOLOR_FORCE !== '0') return 1
  if (env.CLICOLOR === '0' || isDumb(env) || !isTTY) return 0
  return env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit' ? 3 : 1
}
