import {Writable} from 'node:stream'
import {afterWrite, PanelctlError, usageError} from '../errors.js'
import {escapeControls} from '../output/formats.js'
import type {Filter} from '../output/jq.js'
import {printable} from '../output/printable.js'
import type {JqStyle} from './asked-format.js'
import {Interrupted} from './interrupted.js'
import {type Environment, type Io, ReaderGone, writeOut} from './io.js'
import type {Speech} from './speech.js'

/** A line of JSON as a shell wants it: a text without its quotes, and on a terminal without what that would obey. */
function bare(line: string, isTTY: boolean): string {
  const value: unknown = line.startsWith('"') ? JSON.parse(line) : undefined
  if (typeof value !== 'string') return escapeControls(line)
  return isTTY ? value.split('\n').map(printable).join('\n') : value
}

interface JqOutput {
  /** The streams for the command. */
  readonly io: Io
  /** Prints what is left to print. */
  end(): Promise<void>
}

interface Options {
  readonly io: Io
  readonly env: Environment
  readonly expression: string
  readonly style: JqStyle
  /** Whether each text that is written has values of its own, as those of a stream do. */
  readonly streams: boolean
  readonly speech: Speech
  /** Whether something was done by now that is not to be repeated. */
  hasActed(): boolean
  /** Runs what keeps the thread, so that a signal ends the process meanwhile. */
  blocking<T>(work: () => T): T
}

/** Emscripten wraps what the engine says: `Aborted(RangeError: WebAssembly.instantiate(): Out of memory: …). Build with …`. */
function whyNoWebAssembly(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return /Out of memory/.test(message)
    ? 'it finds no room for its memory (ulimit -v?)'
    : message.replace(/^Aborted\((.*?)\)\. Build with .*/, '$1')
}

/**
 * Streams that put what a command prints through a jq expression.
 * @throws PanelctlError USAGE for an expression that jq does not take, and later for one that fails on what it is given;
 * PARTIAL where something was done: what tells of that is printed as it is
 */
export async function throughJq(options: Options): Promise<JqOutput> {
  const {io, env, expression, style, streams, speech, hasActed, blocking} = options
  const {openFilter} = await import('../output/jq.js')
  const filter: Filter = await openFilter(expression, env).catch((cause: unknown) => {
    throw usageError(
      `--jq needs WebAssembly, which does not start here: ${whyNoWebAssembly(cause)}`,
      'put jq behind it: -o json | jq EXPRESSION',
    )
  })
  if (filter.mistake !== undefined) throw usageError(`--jq: ${filter.mistake}`, 'write it as for jq 1.8')
  const isTTY = io.stdout.isTTY === true

  const print = async (given: string) => {
    if (given === '') return
    const {text, said, failure} = blocking(() => filter.run(given, style === 'indented' ? [] : ['-c']))
    if (failure !== undefined) {
      if (!hasActed())
        throw usageError(`--jq: ${failure}`, 'look at what it is given: -o json in place of --jq')
      await writeOut(io, given)
      throw new PanelctlError('PARTIAL', `it is done, but --jq: ${failure}; its result is printed as it is`, {
        hint: 'do not repeat it for the sake of its output',
      })
    }
    if (said !== '') speech.note(said)
    const lines = () => text.split('\n').map(line => bare(line, isTTY))
    try {
      await writeOut(io, style === 'raw' ? lines().join('\n') : escapeControls(text))
    } catch (error) {
      if (!hasActed() || error instanceof ReaderGone || error instanceof Interrupted) throw error
      throw afterWrite(error, 'it was done')
    }
  }

  const kept: Buffer[] = []
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (streams) print(chunk.toString()).then(() => done(), done)
      else done(void kept.push(chunk))
    },
  })
  // What goes wrong is told to who wrote.
  stdout.on('error', () => {})
  return {
    io: {...io, stdout: Object.assign(stdout, {fd: io.stdout.fd ?? -1})},
    end: () => print(Buffer.concat(kept.splice(0)).toString()),
  }
}
