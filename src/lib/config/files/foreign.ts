import {dirname, isAbsolute, join, resolve} from 'node:path'
import {PanelctlError} from '../../errors.js'
import {shellWord} from '../../shell-word.js'
import {lstat, readlink, realpath} from './look.js'
import {accountHome} from './paths.js'

/** As many links as Linux follows. */
const MOST_LINKS = 40

interface Step {
  readonly path: string
  readonly uid: number
  readonly gid: number
  readonly mode: number
  readonly isLink: boolean
}

/**
 * What is passed on the way to a path, as the system goes it: folders, links and where each of these goes on, up to the
 * first that is not there. From the home folder on, and for what is not in there from the root on.
 */
async function passed(
  path: string,
  home: string | undefined,
  links = 0,
): Promise<{steps: Step[]; isThere: boolean}> {
  const begin = home !== undefined && `${path}/`.startsWith(`${home}/`) ? home : '/'
  const names = ['.', ...path.slice(begin.length).split('/')]
  const steps: Step[] = []
  let at = begin
  for (const [index, name] of names.entries()) {
    if (name === '') continue
    if (name === '..') {
      at = dirname(await realpath(at))
      continue
    }
    const step = join(at, name)
    const found = await lstat(step).catch(() => undefined)
    if (found === undefined) return {steps, isThere: false}
    const {uid, gid, mode} = found
    const isLink = found.isSymbolicLink()
    steps.push({path: step, uid, gid, mode, isLink})
    if (isLink) {
      if (links === MOST_LINKS) return {steps, isThere: false}
      // Not made short, as a name before `..` may be a link too.
      const target = [await readlink(step), ...names.slice(index + 1)].join('/')
      const on = await passed(isAbsolute(target) ? target : `${dirname(step)}/${target}`, home, links + 1)
      return {...on, steps: [...steps, ...on.steps]}
    }
    at = step
  }
  return {steps, isThere: true}
}

function foreign(what: string, path: string, mend: string): PanelctlError {
  return new PanelctlError('AUTH', what, {
    hint: `look at what is in it, and then: ${mend} ${shellWord(path)}`,
  })
}

/**
 * Refuses a file or a folder of ours that others could have written or replaced: who changes a URL gets the credential
 * that is sent there, and who writes a `tokenCommand` runs it as us. Each folder on the way counts, and each link with
 * those on the way that it leads to. A folder with the sticky bit lets nobody touch what is another's. The group may
 * write where it is the user's own, by the number, or root's, as containers with ids of their own have it. Does nothing
 * where there is no such path, and on Windows, where a mode says nothing.
 * @throws PanelctlError AUTH with the command that mends it
 */
export async function refuseForeign(
  path: string,
  userId: number | undefined = process.geteuid?.(),
): Promise<void> {
  if (userId === undefined) return
  const {steps, isThere} = await passed(resolve(path), accountHome())
  // Whoever made a link chose what is written behind it, also where nothing is yet.
  if (!isThere && !steps.some(({isLink}) => isLink)) return
  for (const {path: step, uid, gid, mode, isLink} of steps) {
    if (uid !== userId && uid !== 0) {
      throw foreign(
        `${step} belongs to another user (${uid}), who could put anything there`,
        step,
        `chown ${isLink ? '-h ' : ''}${userId}`,
      )
    }
    const isSticky = (mode & 0o1000) !== 0
    const isOfOthers = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== userId && gid !== 0)
    if (!isLink && !isSticky && isOfOthers) {
      const shown = (mode & 0o7777).toString(8).padStart(4, '0')
      throw foreign(
        `others can write ${step} (mode ${shown}), and with it what is believed here`,
        step,
        'chmod go-w',
      )
    }
  }
}
