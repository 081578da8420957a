import type {PanelctlError} from '../errors.js'
import {jsonLine} from '../output/formats.js'
import {printable} from '../output/printable.js'
import type {Io} from './io.js'

/** What goes to stderr. With `-o json|ndjson` each line is one JSON object, so that a log reader can follow. */
export interface Speech {
  readonly asJson: boolean
  note(text: string): void
  warn(text: string): void
  debug(text: string): void
  fail(error: PanelctlError): void
}

export interface SpeechOptions {
  readonly asJson: boolean
  readonly quiet: boolean
  readonly debug: boolean
}

/** Speaks to stderr; `--quiet` silences notes and warnings, never errors. */
export function createSpeech(io: Io, options: SpeechOptions): Speech {
  const line = (text: string) => io.stderr.write(`${text}\n`)
  const say = (key: string, prefix: string, text: string) => {
    if (options.quiet) return
    if (options.asJson) io.stderr.write(jsonLine({[key]: text}))
    else line(`${prefix}${printable(text)}`)
  }
  return {
    asJson: options.asJson,
    note: text => say('note', '', text),
    warn: text => say('warning', 'warning: ', text),
    debug: text => {
      if (options.debug) line(`debug: ${printable(text)}`)
    },
    fail: error => {
      if (options.asJson) {
        const {code, exitCode, message, hint, panel, status} = error
        io.stderr.write(jsonLine({error: {code, exitCode, message, hint, panel, status}}))
        return
      }
      line(`panelctl: ${printable(error.message)}`)
      if (error.hint) line(`hint: ${printable(error.hint)}`)
      // The stack repeats the message, and with it what a server said.
      if (options.debug && error.stack) line(error.stack.split('\n').map(printable).join('\n'))
    },
  }
}
