import {createHash} from 'node:crypto'
import {createReadStream, createWriteStream, rmSync} from 'node:fs'
import {chmod, open, realpath, rename, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {type Command, type Context, type Description, defineCommand} from '../command/command.js'
import {actionFlags, tableFlags} from '../command/global-flags.js'
import {bytesIn, writeOut} from '../command/io.js'
import {makeFolders} from '../config/files/make-folders.js'
import {checkWhole} from '../config/files/text-file.js'
import {errorCode, fileProblem, isOfDisk, PanelctlError, systemReason, usageError} from '../errors.js'
import {arg, flag} from '../flags/flags.js'
import type {GivenFile} from '../flags/given.js'
import type {Hint} from '../hint.js'
import {formats} from '../output/formats.js'
import {printable} from '../output/printable.js'
import {printDocument, printPlanned, withoutRows} from './document-output.js'

const copyArguments = {
  from: arg.text({summary: 'file here, - for stdin, or NAME:/path', required: true, files: true}),
  to: arg.text({summary: 'file or folder here, - for stdout, or NAME:/path', required: true, files: true}),
}

const copyFlags = {
  ...actionFlags,
  mkdir: flag.boolean({summary: 'make the folders that it lies in'}),
}

export type CopyContext = Context<typeof copyArguments, typeof copyFlags>

interface CopyDefinition<Place>
  extends Omit<Description<typeof copyArguments, typeof copyFlags>, 'args' | 'flags'> {
  /** Finds the machine of that name, before anything is copied: only reads. */
  place(context: CopyContext, name: string, path: string): Promise<Place>
  /** Hands over the content of a file there, and its mode (`0644`) where that is known. */
  fetch(context: CopyContext, place: Place, take: Take): Promise<void>
  bring(context: CopyContext, place: Place, file: GivenFile): Promise<object>
}

type Take = (body: Readable, mode: string | undefined) => Promise<void>

/** The two parts of `web1:/etc/hosts`; undefined for a file that is here. */
function remoteIn(text: string): {name: string; path: string} | undefined {
  if (/^(\.{0,2}[\\/]|-$)/.test(text)) return undefined
  const [, name, path] = /^([^:]+):(.*)$/s.exec(text) ?? []
  return name === undefined || path === undefined ? undefined : {name, path}
}

/** A command that copies one file to another machine, or from it; a file takes the place of another in one step. */
export function copyCommand<Place>(definition: CopyDefinition<Place>): Command {
  return defineCommand(
    {...definition, args: copyArguments, flags: copyFlags},
    {},
    async given => {
      const context = withoutRows(given)
      const {args, format, speech} = context
      const [from, to] = [remoteIn(args.from), remoteIn(args.to)]
      const machine = from ?? to
      if (machine === undefined || (from && to))
        throw usageError(
          'one of the two is on another machine: NAME:/path',
          './NAME:… is a file that is here',
        )
      // A stdout that is the file has no room for more.
      const isData = formats[format].carries === 'data' && args.to !== '-'
      try {
        const {name, path} = machine
        const file = to && (await givenFile(context, args.from))
        const target = file ? intoFolder(path, args.from) : path
        const place = await definition.place(context, name, target)
        const goal = file ? `${name}:${target}` : args.to
        const result = file
          ? await definition.bring(context, place, file)
          : await kept(context, basename(path), take => definition.fetch(context, place, take))
        context.toldAll()
        if (isData) await printDocument(context, {from: args.from, to: goal, ...result})
        speech.note(`copied ${printable(args.from)} to ${printable(goal)}`)
      } catch (error) {
        await printPlanned(context, error)
      }
    },
    [...tableFlags, 'show-secrets'],
  )
}

/** A path that ends as a folder does gets the name of the file. */
function intoFolder(path: string, from: string): string {
  return path.endsWith('/') && from !== '-' ? `${path}${basename(from)}` : path
}

async function hashOf(content: Readable): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(content, hash)
  return hash.digest('hex')
}

/** @throws PanelctlError USAGE for what is no file, or cannot be read */
async function givenFile({io}: CopyContext, file: string): Promise<GivenFile> {
  if (file === '-') {
    const bytes = await bytesIn(io)
    const content = () => Readable.from([bytes], {objectMode: false})
    return {size: bytes.length, sha256: await hashOf(content()), mode: '0644', content}
  }
  try {
    const found = await stat(file)
    if (!found.isFile()) throw usageError(`${file} is no file`, 'files are copied one by one')
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
    const content = () => createReadStream(file)
    return {size: found.size, sha256: await hashOf(content()), mode, content}
  } catch (error) {
    throw error instanceof PanelctlError ? error : usageError(fileProblem(file, error))
  }
}

/** Counts and hashes what passes. */
function measure() {
  const hash = createHash('sha256')
  let size = 0
  return {
    size: () => size,
    async *pass(content: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
      for await (const chunk of content) {
        size += chunk.length
        hash.update(chunk)
        yield chunk
      }
    },
    told: () => ({size, sha256: hash.digest('hex')}),
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}

async function isSpecial(path: string): Promise<boolean> {
  return stat(path).then(
    found => !found.isFile() && !found.isDirectory(),
    () => false,
  )
}

/** What the system says about a file that is here, in words; every other failure as it is. */
function notKept(error: unknown, file: string, {state = '', hint}: {state?: string; hint?: Hint} = {}) {
  if (error instanceof PanelctlError || errorCode(error) === undefined) return error
  const problem = `cannot write ${file}: ${systemReason(error)}`
  return isOfDisk(error)
    ? new PanelctlError('UNEXPECTED', `${problem}${state}`, {cause: error})
    : usageError(problem, hint)
}

/** Keeps what is fetched: whole, or as it was before. */
async function kept(
  {args: {to}, flags, io, signal}: CopyContext,
  name: string,
  fetch: (take: Take) => Promise<void>,
): Promise<object> {
  const {pass, size, told} = measure()
  if (to === '-') {
    await fetch(async body => {
      for await (const chunk of pass(body)) await writeOut(io, chunk)
    })
    return told()
  }
  const wanted = (await isFolder(to)) ? join(to, name) : intoFolder(to, name)
  // A pipe, a terminal or a device takes the content, and stays what it is.
  if (await isSpecial(wanted)) {
    await fetch(async body => pipeline(body, pass, createWriteStream(wanted))).catch(error => {
      throw notKept(error, wanted)
    })
    return told()
  }
  // What a link points to is replaced, and not the link.
  const target = await realpath(wanted).catch(() => wanted)
  const temporary = join(
    dirname(target),
    `.${basename(target)}.${process.pid}-${Date.now().toString(36)}.new`,
  )
  const remove = () => rmSync(temporary, {force: true})
  // At once: the process may not live to see this function end.
  signal.addEventListener('abort', remove, {once: true})
  try {
    if (flags.mkdir) await makeFolders(dirname(target), 0o777)
    await fetch(async (body, mode) => {
      // Opened first: a body that fails at once would leave a file that is made after it was removed.
      const file = await open(temporary, 'wx', 0o600)
      await pipeline(body, pass, file.createWriteStream({flush: true}))
      await checkWhole(temporary, size())
      await chmod(temporary, mode === undefined ? 0o644 : Number.parseInt(mode, 8) & 0o777)
      await rename(temporary, target)
    })
    return told()
  } catch (error) {
    throw notKept(error, target, {
      state: '; it is as it was',
      hint: flags.mkdir ? undefined : 'does its folder exist? --mkdir makes it',
    })
  } finally {
    signal.removeEventListener('abort', remove)
    remove()
  }
}
