import {access, appendFile, readFile, realpath, rename, rm, stat, truncate, writeFile} from 'node:fs/promises'
import {basename, dirname, isAbsolute, join} from 'node:path'
import {type Environment, variable} from '../config/environment.js'
import {makeFolders} from '../config/files/make-folders.js'
import {accountHome} from '../config/files/paths.js'
import {checkWhole} from '../config/files/text-file.js'
import {errorCode, isOfDisk, PanelctlError, systemReason, usageError} from '../errors.js'
import {shellWord} from '../shell-word.js'
import {type Shell, shellScriptOf} from './scripts.js'

/** The shells whose place for completions is known without asking them. */
export const installable = ['bash', 'zsh', 'fish'] as const satisfies readonly Shell[]

type Installable = (typeof installable)[number]

export interface Installed {
  readonly shell: Installable
  /** Where the script is. */
  readonly file: string
  /** The file that got a line which runs it; null where the shell looks there by itself. */
  readonly startup: string | null
  /** What takes it all away. */
  readonly undo: string
}

interface Place {
  readonly file: string
  readonly startup?: string
}

/** Where each shell looks for completions of one user. */
function placeOf(shell: Installable, env: Environment): Place {
  const home = variable(env, 'HOME') ?? accountHome()
  if (home === undefined) throw usageError('no home folder: HOME is not set and this user has none')
  const xdg = (name: 'CONFIG' | 'DATA', usual: string) => {
    const stated = variable(env, `XDG_${name}_HOME`)
    return stated !== undefined && isAbsolute(stated) ? stated : join(home, usual)
  }
  const data = xdg('DATA', join('.local', 'share'))
  switch (shell) {
    case 'bash': {
      const folder = variable(env, 'BASH_COMPLETION_USER_DIR') ?? join(data, 'bash-completion')
      return {file: join(folder, 'completions', 'panelctl')}
    }
    case 'fish':
      return {file: join(xdg('CONFIG', '.config'), 'fish', 'completions', 'panelctl.fish')}
    case 'zsh':
      // It has no folder of the user's own that it looks into.
      return {
        file: join(data, 'panelctl', '_panelctl'),
        startup: join(variable(env, 'ZDOTDIR') ?? home, '.zshrc'),
      }
  }
}

/** The places where the package bash-completion lies, which loads what a user has. */
const loaders = ['/usr/share', '/usr/local/share', '/opt/homebrew/share', '/etc/profile.d']

async function hasLoader(): Promise<boolean> {
  const found = await Promise.all(
    loaders.flatMap(folder =>
      ['bash-completion/bash_completion', 'bash_completion.sh'].map(name =>
        access(join(folder, name)).then(
          () => true,
          () => false,
        ),
      ),
    ),
  )
  return found.includes(true)
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ''
    throw notWritten(file, error)
  }
}

/** Replaces a file in one step: a shell reads it at its next start, and would trip over a half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.new`)
  try {
    await writeFile(temporary, text, {flush: true})
    await checkWhole(temporary, Buffer.byteLength(text))
    await rename(temporary, target)
  } finally {
    await rm(temporary, {force: true})
  }
}

/** Adds to a file of the user's own, which stays as it is besides, in whatever encoding: all of it, or nothing. */
async function addToFile(file: string, text: string): Promise<void> {
  const size = await stat(file).then(
    found => found.size,
    () => 0,
  )
  try {
    await appendFile(file, text)
  } catch (error) {
    await truncate(file, size).catch(() => {})
    throw error
  }
}

function notWritten(file: string, error: unknown): PanelctlError {
  if (isOfDisk(error))
    return new PanelctlError('UNEXPECTED', `cannot write ${file}: ${systemReason(error)}; it is as it was`, {
      cause: error,
    })
  return usageError(`cannot write ${file}: ${systemReason(error)}`, 'by hand: panelctl completion --help')
}

/**
 * Writes the script of a shell to where that shell looks for it, and, for zsh, a line into .zshrc. What is there already
 * is left alone.
 * @throws PanelctlError USAGE where no shell is known, or a file cannot be written; UNEXPECTED where its disk is full
 */
export async function installCompletion(
  given: Installable | undefined,
  {
    env,
    root,
    dryRun,
    note,
  }: {
    readonly env: Environment
    readonly root: string
    readonly dryRun: boolean
    note(text: string): void
  },
): Promise<Installed & {readonly changed: boolean}> {
  const own = basename(variable(env, 'SHELL') ?? '')
  const shell = given ?? installable.find(name => name === own)
  if (shell === undefined)
    throw usageError(
      own === '' ? 'which shell? SHELL is not set' : `completion cannot be installed for ${own}`,
      'panelctl completion install bash, or zsh, or fish; by hand: panelctl completion --help',
    )
  const {file, startup} = placeOf(shell, env)
  const script = await shellScriptOf(shell, root)
  const line = `[ -r ${shellWord(file)} ] && source ${shellWord(file)} # panelctl completion install\n`
  const before = startup === undefined ? '' : await contentOf(startup)
  const wanted = [
    {path: file, is: await contentOf(file), text: script},
    ...(startup === undefined || before.includes(line.trimEnd())
      ? []
      : [
          {
            path: startup,
            is: '',
            text: `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}`,
          },
        ]),
  ].filter(({is, text}) => is !== text)
  for (const {path, text} of dryRun ? [] : wanted) {
    try {
      await makeFolders(dirname(path), 0o777)
      await (path === startup ? addToFile : replaceFile)(path, text)
    } catch (error) {
      throw notWritten(path, error)
    }
  }
  if (shell === 'bash' && !(await hasLoader()))
    note(
      `bash looks there only with the package bash-completion; without it add to ~/.bashrc: source ${shellWord(file)}`,
    )
  return {
    shell,
    file,
    startup: startup ?? null,
    undo: `rm ${shellWord(file)}`,
    changed: wanted.length > 0,
  }
}
