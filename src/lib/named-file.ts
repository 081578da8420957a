import {constants} from 'node:fs'
import {type FileHandle, open, realpath} from 'node:fs/promises'
import {setTimeout as pause} from 'node:timers/promises'
import {errorCode, fileProblem, usageError} from './errors.js'
import {textOfBytes} from './text-of-bytes.js'

/** Milliseconds between two looks into a pipe. */
const LOOK_EVERY = 20

/** What is longer is no secret and no document: /dev/zero never ends. */
const LONGEST = 64 * 1024 * 1024

/** What there is to read now: `undefined` where somebody holds the pipe and has written nothing. */
async function readSome(file: FileHandle): Promise<Buffer | undefined> {
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(65_536))
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return undefined
    throw error
  }
}

/**
 * The text of a file that a person names. It may be a pipe that somebody fills later: reading that like a file of the disk
 * blocks a thread, and no signal but SIGKILL ends a process with one.
 * @throws PanelctlError USAGE where it cannot be read, with the hint, and naming the setting (`source`) that names it
 */
export async function readNamed(
  path: string,
  options: {source?: string; hint?: string} = {},
): Promise<string> {
  return textOfBytes(await bytesOfNamed(path, options), path)
}

/** As `readNamed`, the bytes as they are. */
export async function bytesOfNamed(
  path: string,
  {source, hint}: {source?: string; hint?: string} = {},
): Promise<Buffer> {
  return readWhole(path).catch((error: unknown) => {
    throw usageError(`${source === undefined ? '' : `${source}: `}${fileProblem(path, error)}`, hint)
  })
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const kind = await file.stat()
    if (kind.isFile() || kind.isDirectory()) return await file.readFile()
    // A pipe with a name has an end only after somebody has opened it to write; one of `<(…)` has none and was opened.
    const isNamed = kind.isFIFO() && (await realpath(path).then(Boolean, () => false))
    const chunks: Buffer[] = []
    let [length, begun] = [0, !isNamed]
    for (;;) {
      const chunk = await readSome(file)
      begun ||= chunk === undefined || chunk.length > 0
      if (chunk?.length === 0 && begun) return Buffer.concat(chunks)
      if (chunk) chunks.push(chunk)
      length += chunk?.length ?? 0
      if (length > LONGEST) throw new Error(`it is longer than ${LONGEST / 1024 / 1024} MiB`)
      if (!chunk?.length) await pause(LOOK_EVERY)
    }
  } finally {
    await file.close()
  }
}
