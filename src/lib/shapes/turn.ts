import {createHash} from 'node:crypto'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Surroundings} from '../command/command.js'
import {withLock} from '../config/files/lock.js'
import {configPaths} from '../config/files/paths.js'
import {PanelctlError} from '../errors.js'
import {flag} from '../flags/flags.js'
import type {Panel} from '../http/panel.js'

/** The flag of an action that takes its turn. */
export const turnFlags = {
  'lock-timeout': flag.duration({
    summary: 'longest wait for another panelctl',
    default: '2m',
  }),
}

/** What no two runs on this machine may change at once: what a panel has by these names. */
export interface Turn {
  readonly panel: Panel
  readonly names: readonly string[]
}

/** Folders for locks, the best first: one that all processes of this user see, else one of this machine. */
function* foldersFor({env}: Pick<Surroundings, 'env'>): Generator<string> {
  try {
    yield join(configPaths(env).stateDir, 'locks')
  } catch (error) {
    // A user id without a home folder.
    if (!(error instanceof PanelctlError)) throw error
  }
  yield join(tmpdir(), `panelctl-${process.geteuid?.() ?? 'locks'}`)
}

/**
 * Does it while no other panelctl of this user and machine is at the same; panels keep lists that each write replaces or
 * shifts, and serialise nothing. Where no folder can be had, as in a container that nobody may write to, there is
 * nobody else either.
 * @throws PanelctlError UNREACHABLE where others keep it for too long: nothing was sent
 */
export async function inTurn<T>(
  context: Pick<Surroundings, 'client' | 'env' | 'io' | 'signal' | 'speech'>,
  {panel, names}: Turn,
  patience: number,
  work: () => Promise<T>,
): Promise<T> {
  const {href} = await context.client(panel).address(panel, '/')
  const name = createHash('sha256')
    .update(JSON.stringify([href, ...names]))
    .digest('hex')
    .slice(0, 32)
  const busy = `another panelctl is changing ${names.join(' ')}`
  let begun = false
  for (const folder of foldersFor(context)) {
    try {
      return await withLock(
        {
          folder,
          name,
          patience,
          busy: `${busy}; nothing was sent`,
          busyCode: 'UNREACHABLE',
          variable: 'PANELCTL_STATE_DIR',
          signal: context.signal,
          waiting() {
            if (context.io.stderr.isTTY) context.speech.note(`${busy}: waiting for it`)
          },
        },
        () => {
          begun = true
          return work()
        },
      )
    } catch (error) {
      if (begun || !(error instanceof PanelctlError) || error.code !== 'USAGE') throw error
    }
  }
  return work()
}
