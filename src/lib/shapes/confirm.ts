import type {Interface, ReadLineOptions} from 'node:readline/promises'
import type {Surroundings} from '../command/command.js'
import {Interrupted} from '../command/interrupted.js'
import {PanelctlError, usageError} from '../errors.js'
import {isDumb} from '../output/colour.js'
import {printable} from '../output/printable.js'

/** Whether a person sits there who can be asked. */
export function isInteractive({io}: Pick<Surroundings, 'io'>): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true
}

/** A question before something is destroyed: yes or no, or the word that has to be typed for yes. */
export type Question = string | {readonly question: string; readonly word: string}

/**
 * Ends what would ask later on, before it looks for what to ask about.
 * @throws PanelctlError USAGE without a terminal
 */
export function checkInteractive(
  surroundings: Surroundings,
  question = `${surroundings.id.replaceAll(':', ' ')} asks before it does anything.`,
): void {
  if (isInteractive(surroundings)) return
  throw usageError(
    `${printable(question)} There is no terminal to ask on`,
    'add --yes to go on without asking',
  )
}

/**
 * Asks before something is destroyed; only y and yes go on, or the words that were asked for. Several questions are
 * asked as one.
 * @throws PanelctlError USAGE without a terminal, or when the answer is no
 */
export async function confirm(surroundings: Surroundings, asked: readonly Question[]): Promise<void> {
  if (asked.length === 0) return
  const question = asked.map(one => (typeof one === 'string' ? one : one.question)).join(' ')
  const words = asked.flatMap(one => (typeof one === 'string' ? [] : [one.word]))
  const word = words.length > 0 ? words.join(' ') : undefined
  checkInteractive(surroundings, question)
  const how = word === undefined ? '[y/N]' : `Type ${printable(word)} to go on:`
  const answer = (await ask(surroundings, `${printable(question)} ${how} `)).trim()
  const isYes = word === undefined ? /^y(es)?$/i.test(answer) : answer === word.trim()
  if (!isYes) throw new PanelctlError('USAGE', 'not confirmed, nothing was done')
}

/** Loaded where somebody is asked, and not by every command that might. */
async function lineReader(options: ReadLineOptions): Promise<Interface> {
  const {createInterface} = await import('node:readline/promises')
  return createInterface(options)
}

/** Asks for a line on the terminal. */
export async function ask({env, io, signal}: Surroundings, question: string): Promise<string> {
  const lines = await lineReader({input: io.stdin, output: io.stderr, terminal: !isDumb(env)})
  return typedLine(lines, question, signal)
}

/**
 * The line that is typed.
 * @throws Interrupted for Ctrl-C, PanelctlError USAGE for Ctrl-D: readline takes them from the terminal itself
 */
async function typedLine(lines: Interface, question: string, signal: AbortSignal): Promise<string> {
  const ended = new AbortController()
  lines.once('SIGINT', () => ended.abort(new Interrupted(130)))
  lines.once('close', () => ended.abort(usageError('no answer was given')))
  try {
    return await lines.question(question, {signal: AbortSignal.any([signal, ended.signal])})
  } catch (error) {
    signal.throwIfAborted()
    ended.signal.throwIfAborted()
    throw error
  } finally {
    lines.close()
  }
}

/** Asks for a line that is not echoed. */
export async function askSecret({io, signal}: Surroundings, question: string): Promise<string> {
  const {Writable} = await import('node:stream')
  const mute = new Writable({write: (_chunk, _encoding, done) => done()})
  const lines = await lineReader({input: io.stdin, output: mute, terminal: true})
  try {
    const typed = typedLine(lines, '', signal)
    // When the terminal is silent and somebody listens: a script types as soon as it sees this.
    io.stderr.write(question)
    return await typed
  } finally {
    io.stderr.write('\n')
  }
}
