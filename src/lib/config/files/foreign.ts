import {dirname, resolve} from 'node:path'
import {PanelctlError} from '../../errors.js'
import {shellWord} from '../../shell-word.js'
import {realpath, stat} from './look.js'
import {accountHome} from './paths.js'

/** What leads to a path, the outermost first: from the home folder on, and for what is not in there from the root on. */
function wayTo(path: string, home: string | undefined): string[] {
  const parent = dirname(path)
  return path === home || parent === path ? [path] : [...wayTo(parent, home), path]
}

function foreign(what: string, path: string, mend: string): PanelctlError {
  return new PanelctlError('AUTH', what, {
    hint: `look at what is in it, and then: ${mend} ${shellWord(path)}`,
  })
}

/**
 * Refuses a file or a folder of ours that others could have written or replaced: who changes a URL gets the credential
 * that is sent there, and who writes a `tokenCommand` runs it as us. Each folder on the way counts, also of where a link
 * leads. A folder with the sticky bit lets nobody touch what is another's. The group may write where it is the user's
 * own, by the number, or root's, as containers with ids of their own have it. Does nothing where there is no such path,
 * and on Windows, where a mode says nothing.
 * @throws PanelctlError AUTH with the command that mends it
 */
export async function refuseForeign(
  path: string,
  userId: number | undefined = process.geteuid?.(),
): Promise<void> {
  if (userId === undefined) return
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) return
  const home = accountHome()
  for (const step of new Set([...wayTo(resolve(path), home), ...wayTo(real, home)])) {
    const {uid, gid, mode} = await stat(step)
    if (uid !== userId && uid !== 0) {
      throw foreign(
        `${step} belongs to another user (${uid}), who could put anything there`,
        step,
        `chown ${userId}`,
      )
    }
    const isSticky = (mode & 0o1000) !== 0
    const isOfOthers = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== userId && gid !== 0)
    if (!isSticky && isOfOthers) {
      const shown = (mode & 0o7777).toString(8).padStart(4, '0')
      throw foreign(
        `others can write ${step} (mode ${shown}), and with it what is believed here`,
        step,
        'chmod go-w',
      )
    }
  }
}
