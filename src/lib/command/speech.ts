import type {PanelctlError} from '../errors.js'
import {type Hint, hintText} from '../hint.js'
import {MASK} from '../mask.js'
import {jsonLine} from '../output/formats.js'
import {printable} from '../output/printable.js'
import type {Io} from './io.js'

/** What goes to stderr. With `-o json|ndjson` each line is one JSON object, so that a log reader can follow. */
export interface Speech {
  readonly asJson: boolean
  note(text: Hint): void
  warn(text: Hint): void
  debug(text: string): void
  fail(error: PanelctlError): void
}

export interface SpeechOptions {
  readonly asJson: boolean
  readonly quiet: boolean
  readonly debug: boolean
  /** What is replaced in each line: secrets that a panel may have echoed. */
  readonly secrets?: ReadonlySet<string>
}

/** A secret of fewer characters is a word like any other. */
const SHORTEST_SECRET = 6

/** A text without these secrets, whole or cut off where the text was shortened. */
export function withoutSecrets(secrets: ReadonlySet<string>, text: string): string {
  let shown = text
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) shown = shown.replaceAll(secret, MASK)
    for (let length = secret.length - 1; length >= SHORTEST_SECRET; length--)
      shown = shown.replaceAll(`${secret.slice(0, length)}…`, `${MASK}…`)
  }
  return shown
}

/** Speaks to stderr; `--quiet` silences notes and warnings, never errors. */
export function createSpeech(io: Io, options: SpeechOptions): Speech {
  const {secrets = new Set()} = options
  const line = (text: string) => io.stderr.write(`${text}\n`)
  const say = (key: string, prefix: string, said: Hint) => {
    if (options.quiet) return
    const text = withoutSecrets(secrets, hintText(said))
    if (options.asJson) io.stderr.write(jsonLine({[key]: text}))
    else line(`${prefix}${printable(text)}`)
  }
  return {
    asJson: options.asJson,
    note: text => say('note', '', text),
    warn: text => say('warning', 'warning: ', text),
    debug: text => {
      if (options.debug) line(`debug: ${printable(withoutSecrets(secrets, text))}`)
    },
    fail: error => {
      if (options.asJson) {
        const {code, exitCode, reason, message, panel, status} = error
        const hint = error.hint === undefined ? undefined : hintText(error.hint)
        io.stderr.write(jsonLine({error: {code, exitCode, reason, message, hint, panel, status}}))
        return
      }
      line(`panelctl: ${printable(error.message)}`)
      if (error.hint !== undefined) line(`hint: ${printable(hintText(error.hint))}`)
      // The stack repeats the message, and with it what a server said.
      if (options.debug && error.stack) line(error.stack.split('\n').map(printable).join('\n'))
    },
  }
}
