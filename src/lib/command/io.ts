import {fstatSync, readFileSync, statSync} from 'node:fs'
import type {Readable, Writable} from 'node:stream'
import type {Environment} from '../config/environment.js'
import {PanelctlError, systemReason} from '../errors.js'
import {textOfBytes} from '../text-of-bytes.js'

/** The three streams of a process, which tests replace. */
export interface Io {
  readonly stdin: Readable & {readonly isTTY?: boolean}
  readonly stdout: Writable & {
    readonly fd?: number
    readonly isTTY?: boolean
    readonly columns?: number
    readonly rows?: number
  }
  readonly stderr: Writable & {readonly isTTY?: boolean; readonly columns?: number}
}

export type {Environment}

/** The reader of our output has gone away (`| head -1`): nothing is left to do, and nothing is wrong. */
export class ReaderGone extends Error {}

/**
 * Writes data to stdout and waits until it is handed over, so that no byte is lost on the way out.
 * @throws ReaderGone when the pipe was closed; PanelctlError UNEXPECTED when the disk is full
 */
export function writeOut(io: Io, text: string | Buffer): Promise<void> {
  if (text.length === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    io.stdout.write(text, error => {
      if (!error) resolve()
      // Of a stream of ours.
      else if (error instanceof PanelctlError || error instanceof ReaderGone) reject(error)
      else if ('code' in error && error.code === 'EPIPE') reject(new ReaderGone())
      else
        reject(
          new PanelctlError('UNEXPECTED', `cannot write the output: ${systemReason(error)}`, {cause: error}),
        )
    })
  })
}

/** Whether stdout is closed, as far as the system tells. */
function isStdoutClosed(): boolean {
  try {
    // Before any of our code runs Node opens /dev/null in its place, for reading as well: no shell's `> /dev/null` does.
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync('/proc/self/fdinfo/1', 'utf8'))?.[1] ?? '0'
    return (Number.parseInt(flags, 8) & 3) === 2 && fstatSync(1).rdev === statSync('/dev/null').rdev
  } catch {
    return false
  }
}

/**
 * For a command whose output is told once, before it sends anything: where stdout is closed, that would be lost.
 * @throws PanelctlError UNEXPECTED
 */
export function requireStdout({stdout}: Io): void {
  if (stdout.fd !== 1 || !isStdoutClosed()) return
  throw new PanelctlError('UNEXPECTED', 'cannot write the output: stdout is closed; nothing was sent', {
    hint: 'what it prints is told once: to throw it away, add > /dev/null',
  })
}

/** All of stdin: until its end, however slowly it comes. */
export async function bytesIn(io: Io): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** All of stdin as text. */
export async function readIn(io: Io): Promise<string> {
  return textOfBytes(await bytesIn(io), 'stdin')
}

/** How wide the terminal is: what COLUMNS says, as for other programs, else the terminal itself; undefined for no terminal. */
export function terminalWidth({io: {stdout}, env}: {io: Io; env: Environment}): number | undefined {
  if (!stdout.isTTY) return undefined
  // A pseudo-terminal that nobody gave a size has 0 columns.
  return (/^[0-9]+$/.test(env.COLUMNS ?? '') && Number(env.COLUMNS)) || stdout.columns || undefined
}
