import type {PanelctlError} from '../errors.js'
import {type Hint, hintText} from '../hint.js'
import {jsonLine} from '../output/formats.js'
import type {Io} from './io.js'
import {showable} from './showable.js'

/** What goes to stderr. With `-o json|ndjson` each line is one JSON object, so that a log reader can follow. */
export interface Speech {
  readonly asJson: boolean
  /** A text as it may be printed: without secrets, and nothing that a terminal obeys. */
  clean(text: string): string
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

/** Speaks to stderr; `--quiet` silences notes and warnings, never errors. Nothing gets there but through `clean`. */
export function createSpeech(io: Io, options: SpeechOptions): Speech {
  const {secrets = new Set()} = options
  const clean = (text: string) => showable(text, secrets)
  const line = (text: string) => io.stderr.write(`${text}\n`)
  const say = (key: string, prefix: string, said: Hint) => {
    const text = clean(hintText(said))
    if (options.asJson) io.stderr.write(jsonLine({[key]: text}))
    else line(`${prefix}${text}`)
  }
  return {
    asJson: options.asJson,
    clean,
    note: text => {
      if (!options.quiet) say('note', '', text)
    },
    warn: text => {
      if (!options.quiet) say('warning', 'warning: ', text)
    },
    debug: text => {
      if (options.debug) say('debug', 'debug: ', text)
    },
    fail: error => {
      const message = clean(error.message)
      const hint = error.hint === undefined ? undefined : clean(hintText(error.hint))
      if (options.asJson) {
        const {code, exitCode, reason, panel, status} = error
        io.stderr.write(jsonLine({error: {code, exitCode, reason, message, hint, panel, status}}))
        return
      }
      line(`panelctl: ${message}`)
      if (hint !== undefined) line(`hint: ${hint}`)
      // The stack repeats the message, and with it what a server said, whose line breaks may stand in a secret.
      if (options.debug && error.stack)
        line(
          error.stack
            .split(/\n(?= {4}at )/)
            .map(clean)
            .join('\n'),
        )
    },
  }
}
