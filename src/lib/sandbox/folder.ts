import {once} from 'node:events'
import {lstat, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {connect, createServer, type Server} from 'node:net'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {errorCode, systemReason, usageError} from '../errors.js'

const prefix = 'panelctl-sandbox-'

/** The socket of whoever uses a folder: the kernel closes it with the process, whatever ends that. */
const socketName = 'alive'
/** Bytes of a socket's path, on macOS; Linux takes 107. */
const longestSocket = 103
/** Says on which kernel the socket listens; written once it does. */
const placeName = 'place'

export interface Folder {
  readonly path: string
  remove(): Promise<void>
}

/**
 * Makes a folder (0700) for one sandbox, and removes those of sandboxes that were killed.
 * @throws PanelctlError USAGE where no folder can be made
 */
export async function makeFolder(): Promise<Folder> {
  await removeAbandoned().catch(() => {
    // somebody else's to tidy, or nobody's
  })
  const path = await mkdtemp(join(tmpdir(), prefix)).catch((cause: unknown) => {
    throw usageError(
      `cannot make a folder in ${tmpdir()}: ${systemReason(cause)}`,
      'set TMPDIR to a folder that can be written',
    )
  })
  const server = await claim(path)
  return {
    path,
    remove: async () => {
      await rm(path, {recursive: true, force: true, maxRetries: 3})
      server?.close()
    },
  }
}

/** Shows others that the folder is in use. Undefined where no socket can be: such a folder is never taken for abandoned. */
async function claim(path: string): Promise<Server | undefined> {
  const socket = join(path, socketName)
  // There a socket is no file; and what is too long is cut off without a word.
  if (process.platform === 'win32' || Buffer.byteLength(socket) > longestSocket) return undefined
  const server = createServer(socket => socket.destroy()).unref()
  try {
    await once(server.listen(socket), 'listening')
    await writeFile(join(path, placeName), await placeOfThis())
    return server
  } catch {
    // such as a file system without sockets
    return undefined
  }
}

/** Which kernel this is: a socket of another one, in a folder that several machines share, tells nothing here. */
async function placeOfThis(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname())
}

async function removeAbandoned(): Promise<void> {
  const entries = await readdir(tmpdir())
  for (const path of entries.filter(name => name.startsWith(prefix)).map(name => join(tmpdir(), name)))
    if (await isAbandoned(path).catch(() => false)) await rm(path, {recursive: true, force: true})
}

/** Whether whoever made the folder is gone for certain: it is ours, of this kernel, and nobody listens in it. */
async function isAbandoned(path: string): Promise<boolean> {
  const stat = await lstat(path)
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.()) return false
  if ((await readFile(join(path, placeName), 'utf8')) !== (await placeOfThis())) return false
  const socket = connect(join(path, socketName))
  try {
    await once(socket, 'connect')
    return false
  } catch (error) {
    return errorCode(error) === 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}
