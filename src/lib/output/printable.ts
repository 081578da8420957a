// What \p{Cc} is, which takes longer to compile, and line separators and bidi overrides.
const unsafe = String.raw`[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]`
const anyUnsafe = new RegExp(unsafe)

// Every alternative but the last is one whole sequence, introduced by ESC and a letter or by its 8-bit form. A string
// (OSC, DCS, …) that never ends, or that another one interrupts, loses its introducer only: its text is harmless then.
const sequence = new RegExp(
  [
    String.raw`(?:\x1b\]|\x9d)[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)`, // OSC: titles, links, clipboard
    String.raw`(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x90\x98\x9c-\x9f]*(?:\x1b\\|\x9c)`, // DCS, SOS, PM, APC
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`, // CSI: colours, cursor
    String.raw`\x1b[ -/]*[0-~]`, // the others: reset, character sets
  ].join('|'),
  'g',
)

const lineBreaks = /[\t\n\v\f\r]+/g
const remaining = new RegExp(unsafe, 'g')
const visibleBreak = /[\t\n\v\f\r]/

/**
 * The text as it may stand in a line on a terminal: without escape sequences (stripped whole), control characters, line
 * separators and bidi overrides; a run of tabs and newlines is one space. Everything else stays as it is.
 */
export function printable(text: string): string {
  if (!anyUnsafe.test(text)) return text
  return text
    .replace(sequence, '')
    .replace(remaining, control => (visibleBreak.test(control) ? control : ''))
    .replace(lineBreaks, ' ')
}
