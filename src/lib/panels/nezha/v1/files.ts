import {basename, dirname, normalize} from 'node:path/posix'
import {Readable} from 'node:stream'
import * as z from 'zod/mini'
import {PanelctlError, reworded, usageError} from '../../../errors.js'
import type {GivenFile} from '../../../flags/given.js'
import {panelctl} from '../../../hint.js'
import type {Exchange} from '../../../http/exchange.js'
import {judge} from '../../../http/judge.js'
import {beginningOf} from '../../../http/receive.js'
import {firstWords, shortened} from '../../../http/said.js'
import {nezha} from '../panel.js'
import {agentGone, lettingAgent, toolInDoubt, unlessOffline} from './exec.js'
import {askTicket, type Calling, callTool, listFolder, readBytes} from './mcp.js'
import {arrived} from './schemas.js'
import {type NamedServer, targets} from './targets.js'
import {ToolFailed} from './tool-failed.js'

/** A file on a server. */
export interface RemoteFile {
  readonly server: NamedServer
  /** Absolute. */
  readonly path: string
}

/** The largest file that a signed address takes or gives (contracts/nezha.md 3.11). */
const LARGEST_FILE = 100 * 1024 * 1024

/** @throws PanelctlError REJECTED */
function checkSize(size: number): void {
  if (size <= LARGEST_FILE) return
  throw new PanelctlError(
    'REJECTED',
    `Nezha carries files of up to 100 MiB, and this one has ${size} bytes`,
    {
      hint: 'cut it into parts, as split -b 100M does',
      panel: 'nezha',
    },
  )
}

/**
 * What agents do is seen on v2.3.7: a file takes the place of whatever has the path, of a device too.
 * @throws PanelctlError REJECTED
 */
function checkNoDevice({server, path}: RemoteFile): void {
  if (!/^\/dev\/(?!shm\/)/.test(normalize(path))) return
  throw new PanelctlError(
    'REJECTED',
    `on ${server.name} a file would take the place of the device ${path}; nothing was sent`,
    {hint: 'give the path of a file', panel: 'nezha'},
  )
}

/** The words of an agent that runs nothing, for a hint alone. */
const refusesFiles = /disabled file operations|DisableCommandExecute/

async function asked<Result>(
  run: Calling,
  {server, path}: RemoteFile,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof ToolFailed) || error.code !== 'REJECTED') throw error
    if (refusesFiles.test(error.said)) throw reworded(error, {hint: lettingAgent})
    if (/does not exist|no such file/i.test(error.said))
      throw new PanelctlError('NOT_FOUND', `there is no ${path} on ${server.name}`, {
        hint: listing(server, '/'),
        panel: 'nezha',
      })
    throw await unlessOffline(run, server, error)
  }
}

/** The path of a signed address below the panel's own, as we reach it; the address names it as the panel sees itself. */
async function ticketFor(
  run: Calling,
  {server, path}: RemoteFile,
  tool: 'fs.download_url' | 'fs.upload_url',
  more: Readonly<Record<string, unknown>> = {},
) {
  const given = {server_id: server.id, path, ...more}
  const {url} = await asked(run, {server, path}, () => callTool(run, askTicket, tool, given))
  const found = /\/mcp\/(?:download|upload)\/([\w.~-]+)$/.exec(new URL(url).pathname)
  if (!found)
    throw new PanelctlError('BAD_RESPONSE', `Nezha gave an address for ${path} that is none`, {
      panel: 'nezha',
    })
  return {panel: nezha, anonymous: true, path: found[0], secrets: found.slice(1)} as const
}

/** What went wrong with a file is told in a line of text, also with the status of a gateway (contracts/nezha.md 3.11). */
function failureOf({answer, call}: Exchange, {server, path}: RemoteFile): unknown {
  const {status, headers, text} = answer
  // Traefik and others of Go's speak in plain text as well; what is too large for Nezha was not sent.
  const isOfGateway =
    headers['www-authenticate'] !== undefined || /gateway|(entity|content) too large/i.test(text)
  const isOurs = /^text\/plain/.test(String(headers['content-type'])) && !isOfGateway
  // One that went offline just now still gets a ticket.
  if (isOurs && /^server offline/.test(text)) return agentGone(server)
  if (isOurs && [401, 411, 413, 502].includes(status))
    return new PanelctlError('REJECTED', `${path}: ${shortened(text.trim())}`, {
      hint: refusesFiles.test(text) ? lettingAgent : undefined,
      panel: 'nezha',
      status,
    })
  const failure = judged(() => judge(call, answer))
  return failure instanceof PanelctlError && status === 404 ? reworded(failure, {hint: passOn}) : failure
}

/** The addresses of files are below the one that has just answered. */
const passOn = 'does what stands before the dashboard pass on all below /mcp?'

function otherAnswer(page = ''): PanelctlError {
  const words = firstWords(page)
  return new PanelctlError(
    'BAD_RESPONSE',
    `what answered for a file of Nezha's is something else${words === '' ? '' : `: ${words}`}`,
    {hint: passOn, panel: 'nezha'},
  )
}

/** The content of a file, which fails at its end where that came too soon. */
function wholeOf(body: Readable, least: number, {server, path}: RemoteFile): Readable {
  let length = 0
  async function* pass(): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      length += chunk.length
      yield chunk
    }
    if (length < least)
      throw new PanelctlError(
        'BAD_RESPONSE',
        `${length} of the ${least} bytes of ${path} came from ${server.name}`,
        {
          panel: 'nezha',
        },
      )
  }
  return Readable.from(pass(), {objectMode: false})
}

function judged(judgement: () => unknown): unknown {
  try {
    judgement()
    return otherAnswer()
  } catch (error) {
    return error
  }
}

function listing({name}: NamedServer, path: string) {
  return panelctl('nezha server exec', [name], {behind: ['ls', '-la', path]})
}

/** What is at a place; undefined where nothing is, or where that is not told. */
async function entryAt(run: Calling, {server, path}: RemoteFile) {
  const given = {server_id: server.id, path: dirname(path), show_hidden: true}
  const {entries, truncated} = await asked(run, {server, path: given.path}, () =>
    callTool(run, listFolder, 'fs.list', given),
  )
  const entry = entries?.find(({name}) => name === basename(path))
  return {entry, isTold: entry !== undefined || !truncated}
}

/** A file says 0 bytes where it is made as it is read, as those of /proc are, and none of it would come. */
async function checkEmpty(run: Calling, {server, path}: RemoteFile): Promise<void> {
  const given = {server_id: server.id, path, length: 1, encoding: 'base64'}
  const {content} = await asked(run, {server, path}, () => callTool(run, readBytes, 'fs.read', given))
  if (content === '') return
  throw new PanelctlError(
    'REJECTED',
    `${path} is no file that can be copied: it has 0 bytes until it is read`,
    {
      hint: panelctl('nezha server exec', [server.name], {behind: ['cat', path]}),
      panel: 'nezha',
    },
  )
}

/**
 * Fetches a file of a server as it comes: `take` gets its mode and its content.
 * @throws PanelctlError NOT_FOUND, REJECTED for what is too large or no file
 */
export async function fetchFile(
  run: Calling,
  place: RemoteFile,
  take: (body: Readable, mode: string | undefined) => Promise<void>,
): Promise<void> {
  const {entry, isTold} = await entryAt(run, place)
  if (!entry && isTold)
    throw new PanelctlError('NOT_FOUND', `there is no ${place.path} on ${place.server.name}`, {
      hint: listing(place.server, dirname(place.path)),
      panel: 'nezha',
    })
  if (entry && entry.type !== 'symlink') checkSize(entry.size)
  if (entry?.type === 'dir')
    throw new PanelctlError('REJECTED', `${place.path} is a folder: files are copied one by one`, {
      panel: 'nezha',
    })
  if (entry?.type === 'file' && entry.size === 0) await checkEmpty(run, place)
  const request = {...(await ticketFor(run, place, 'fs.download_url')), method: 'GET', repeatable: true}
  const mode = entry?.type === 'file' ? entry.mode : undefined
  // One that grows meanwhile may have more.
  const least = entry?.type === 'file' ? entry.size : 0
  const exchanged = await run.client.receive(request, async (body, type) => {
    if (/html/i.test(type)) throw otherAnswer((await beginningOf(body)).toString())
    return take(wholeOf(body, least, place), mode)
  })
  if (exchanged.answer.status !== 200) throw failureOf(exchanged, place)
}

/**
 * Brings a file to a server: it takes the place of the one that is there in one step, and only whole. Into a folder it goes
 * under its own name.
 * @throws PanelctlError REJECTED for what is too large, or has no folder to go to
 */
export async function bringFile(
  run: Calling,
  {server, path}: RemoteFile,
  file: GivenFile,
  mkdir: boolean,
): Promise<{readonly size: number; readonly sha256: string}> {
  checkSize(file.size)
  const place = {server, path}
  checkNoDevice(place)
  const more = {mode: file.mode, create_dirs: mkdir || undefined}
  const request = {
    ...(await ticketFor(run, place, 'fs.upload_url', more)),
    method: 'POST',
    query: {sha256: file.sha256},
    repeatable: false,
    lookWith: listing(server, path),
    file: {content: file.content(), size: file.size},
  }
  const exchanged = await run.client.send(request)
  const parsed = z.safeParse(arrived, exchanged.answer.json)
  const {status, text} = exchanged.answer
  // The agent had all of it by then (contracts/nezha.md 3.11).
  if (status === 502 && /^agent (did not acknowledge|returned unexpected final)/.test(text))
    throw toolInDoubt(`${path} went to ${server.name}, and was not acknowledged`, listing(server, path))
  if (status !== 200 || !parsed.success) throw withFolder(failureOf(exchanged, place), mkdir)
  if (parsed.data.sha256 !== file.sha256 || parsed.data.size !== file.size)
    throw new PanelctlError('UNCERTAIN', `${path} on ${server.name} is another file than was sent`, {
      panel: 'nezha',
    })
  return parsed.data
}

function withFolder(error: unknown, mkdir: boolean): unknown {
  if (mkdir || !(error instanceof PanelctlError) || error.code !== 'REJECTED' || error.hint) return error
  const isMissing = /does not exist/.test(error.message)
  return reworded(error, {
    hint: isMissing
      ? 'give the path of a file; --mkdir makes its folder'
      : 'is that a folder there, or is no room left?',
  })
}

/**
 * The file of that path on the server of this id or unique name.
 * @throws PanelctlError as `targets`, USAGE for a path that the agent does not take: it has to be absolute
 */
export async function placeOf(run: Calling, reference: string, path: string): Promise<RemoteFile> {
  if (!/^(\/|[A-Za-z]:[\\/])/.test(path) || /[\\/]$/.test(path))
    throw usageError(`"${path}" is not the whole path of a file`, `as in ${reference}:/etc/hosts`)
  const [server] = await targets(run, [reference])
  if (!server) throw new TypeError('no server was named')
  return {server, path}
}
