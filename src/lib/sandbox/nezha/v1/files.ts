import {createHash} from 'node:crypto'
import {basename, dirname} from 'node:path/posix'
import type {Answer} from '../../answer.js'
import {json, text} from '../../go/answers.js'
import {goJson} from '../../go/json.js'
import {textIn} from '../../json-object.js'
import {randomText} from '../../random.js'
import {type Call, some, timeAt} from './call.js'
import type {ServerFile, Ticket} from './state.js'
import {agentOf, refusesCommands, type Tool, type ToolCall, ToolFailed} from './tools.js'

// Files on emulated machines (contracts/nezha.md 3.11).

const LARGEST_FILE = 100 * 1024 * 1024

/** The folders that lead to the files there are; every machine has these. */
function foldersOf(files: ReadonlyMap<string, ServerFile>): Set<string> {
  const folders = new Set(['/', '/tmp', '/srv', '/srv/data'])
  for (const path of files.keys())
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
  return folders
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The files of the server that is asked, at an absolute path. */
function filesAt(call: ToolCall) {
  const server = agentOf(call)
  if (refusesCommands(server, call.state)) throw new ToolFailed('agent disabled file operations')
  const path = textIn(call.given, 'path')
  if (!path.startsWith('/')) throw new ToolFailed('path must be absolute')
  return {path, files: call.state.filesOf(server)}
}

function bytesOf({given}: ToolCall): Buffer {
  return Buffer.from(textIn(given, 'content'), given.encoding === 'base64' ? 'base64' : 'utf8')
}

function ticket(kind: Ticket['kind'], method: string) {
  return (call: ToolCall) => {
    const {state, host, given} = call
    const server = agentOf(call)
    const name = randomText(24, state.random)
    const {create_dirs, path, mode} = given
    const makesFolders = create_dirs === true
    state.tickets.set(name, {kind, server, path: String(path), mode: String(mode ?? '0644'), makesFolders})
    return {
      expires_at: timeAt(state.now() + 300_000),
      method,
      url: `http://${host}/mcp/${kind}/${name}`,
    }
  }
}

export const fileTools: Readonly<Record<string, Tool>> = {
  'fs.list': {
    scope: 'nezha:server:read',
    description: 'List a folder.',
    run: call => {
      const {path, files} = filesAt(call)
      const folders = foldersOf(files)
      if (files.has(path)) throw new ToolFailed('path is not a directory')
      if (!folders.has(path)) throw new ToolFailed('file or directory does not exist')
      const here = (one: string) => one !== path && dirname(one) === path
      const mtime = Math.floor(call.state.now() / 1000)
      const entries = [
        ...[...files]
          .filter(([one]) => here(one))
          .map(([one, {bytes, mode}]) => ({
            name: basename(one),
            type: 'file',
            size: bytes.length,
            mode,
            mtime,
          })),
        ...[...folders].filter(here).map(one => ({
          name: basename(one),
          type: 'dir',
          size: 4096,
          mode: '0755',
          mtime,
        })),
      ]
      return {entries, total: entries.length}
    },
  },
  'fs.read': {
    scope: 'nezha:server:read',
    description: 'Read a file.',
    run: call => {
      const {path, files} = filesAt(call)
      const {offset, length, encoding} = call.given
      const all = files.get(path)?.bytes
      if (!all) throw new ToolFailed('file or directory does not exist')
      const from = Number(offset ?? 0)
      const bytes = all.subarray(from, from + (Number(length) || 1 << 20))
      const isCut = from + bytes.length < all.length
      const content = bytes.toString(encoding === 'base64' ? 'base64' : 'utf8')
      const shown = encoding === 'base64' ? 'base64' : 'utf8'
      return {content, encoding: shown, size: bytes.length, sha256: sum(bytes), truncated: some(isCut)}
    },
  },
  'fs.write': {
    scope: 'nezha:server:write',
    description: 'Write a file.',
    run: call => {
      const {path, files} = filesAt(call)
      const bytes = bytesOf(call)
      files.set(path, {bytes, mode: textIn(call.given, 'mode') || '0644'})
      return {size: bytes.length, sha256: sum(bytes)}
    },
  },
  'fs.delete': {
    scope: 'nezha:server:delete',
    description: 'Delete a file.',
    run: call => {
      const {path, files} = filesAt(call)
      if (!files.delete(path)) throw new ToolFailed('file or directory does not exist')
      return {deleted_count: 1}
    },
  },
  'fs.download_url': {
    scope: 'nezha:server:read',
    description: 'An address to fetch a file from.',
    run: ticket('download', 'GET'),
  },
  'fs.upload_url': {
    scope: 'nezha:server:write',
    description: 'An address to bring a file to.',
    run: ticket('upload', 'POST'),
  },
}

/** What an address is good for: once. */
function redeem({path, state}: Call, kind: Ticket['kind']): Ticket | undefined {
  const name = path.ticket ?? ''
  const found = state.tickets.get(name)
  state.tickets.delete(name)
  return found?.kind === kind ? found : undefined
}

const worthless = text(401, 'invalid or already-used transfer token')
const refusal = text(502, 'FsTransfer 被 agent DisableCommandExecute 拒绝')

/** GET /mcp/download: what is wrong is told with the status of a gateway. */
export function sendFile(call: Call): Answer {
  const found = redeem(call, 'download')
  if (!found) return worthless
  if (refusesCommands(found.server, call.state)) return refusal
  const files = call.state.filesOf(found.server)
  const file = files.get(found.path)
  if (file) return {status: 200, headers: {'Content-Type': 'application/octet-stream'}, body: file.bytes}
  return text(
    502,
    foldersOf(files).has(found.path) ? 'path is not a regular file' : 'file or directory does not exist',
  )
}

/** POST /mcp/upload. */
export function takeFile(call: Call): Answer {
  const {request, target, state} = call
  const found = redeem(call, 'upload')
  if (!found) return worthless
  if (request.headers['content-length'] === undefined) return text(411, 'Content-Length required')
  if (request.bytes.length > LARGEST_FILE) return text(413, 'file too large')
  if (refusesCommands(found.server, state)) return refusal
  const files = state.filesOf(found.server)
  const folders = foldersOf(files)
  if (folders.has(found.path)) return text(502, 'internal agent error')
  if (!found.makesFolders && !folders.has(dirname(found.path)))
    return text(502, 'file or directory does not exist')
  const sha256 = sum(request.bytes)
  if ((target.query.get('sha256') ?? sha256) !== sha256) return text(502, 'sha256 mismatch')
  files.set(found.path, {bytes: request.bytes, mode: found.mode})
  return json(200, goJson({size: request.bytes.length, sha256}))
}
