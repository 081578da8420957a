import {constants, type Stats} from 'node:fs'
import {lstat, realpath} from 'node:fs/promises'
import {dirname, isAbsolute, join} from 'node:path'
import {makeFolders} from '../config/files/make-folders.js'
import {errorCode, type PanelctlError, systemReason, usageError} from '../errors.js'
import type {AgentKind} from './agent-kind.js'
import {isAllowed, type Machine} from './machine.js'

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw usageError(`cannot look at ${path}: ${systemReason(error)}`, 'choose another --workdir')
  }
}

function unsafeFolder(path: string, why: string): PanelctlError {
  return usageError(
    `the work folder ${path} ${why}: somebody else could change the script before it runs`,
    'choose a --workdir that only you can write',
  )
}

/** @throws PanelctlError USAGE for a folder told from where we are: on another machine that leads elsewhere */
export function refuseRelative(workdir: string): void {
  if (isAbsolute(workdir)) return
  throw usageError(
    `--workdir: "${workdir}" does not begin with /, and the agent is for another machine`,
    'give the whole path, as in /opt/agent',
  )
}

const othersWrite = constants.S_IWGRP | constants.S_IWOTH
const sticky = 0o1000

/** The nearest folder on the way up that exists. */
async function existing(path: string): Promise<string> {
  if (await statOf(path)) return path
  const parent = dirname(path)
  return parent === path ? path : existing(parent)
}

/**
 * Makes sure that nobody but its owner can put another script in the place of ours: the folder is ours, no link, and
 * others can write neither it nor the way to it. What does not exist yet is fine.
 * @throws PanelctlError USAGE
 */
export async function checkWorkFolder(
  {script, installed}: AgentKind,
  workdir: string,
  {userId}: Machine,
): Promise<void> {
  const stat = await statOf(workdir)
  if (stat?.isSymbolicLink()) throw unsafeFolder(workdir, 'is a symbolic link')
  if (stat && !stat.isDirectory()) throw usageError(`${workdir} is not a folder`, 'choose another --workdir')
  if (stat && userId !== undefined) {
    if (stat.uid !== userId) throw unsafeFolder(workdir, `belongs to user ${stat.uid}`)
    if ((stat.mode & othersWrite) !== 0) throw unsafeFolder(workdir, 'can be written by others')
  }
  if (userId !== undefined) await checkWay(await realpath(await existing(dirname(workdir))), workdir, userId)
  if (stat && script.deletes !== undefined && (await statOf(join(workdir, script.deletes)))) {
    throw usageError(
      `${workdir} holds a ${script.deletes}, which the install script deletes`,
      `choose a --workdir that belongs to the agent alone, as ${installed.usualFolder}`,
    )
  }
}

async function checkWay(folder: string, workdir: string, userId: number): Promise<void> {
  const stat = await lstat(folder)
  if (stat.uid !== 0 && stat.uid !== userId)
    throw unsafeFolder(workdir, `is below ${folder}, of user ${stat.uid}`)
  // In a sticky folder as /tmp nobody can rename what is not theirs.
  if ((stat.mode & othersWrite) !== 0 && (stat.mode & sticky) === 0) {
    throw unsafeFolder(workdir, `is below ${folder}, which others can write`)
  }
  const parent = dirname(folder)
  if (parent !== folder) await checkWay(parent, workdir, userId)
}

/** Whether this user can write the work folder, or make it. */
export async function canWrite(workdir: string): Promise<boolean> {
  return isAllowed(await existing(workdir), constants.W_OK | constants.X_OK)
}

/** Makes the work folder where it is missing, for its owner alone. */
export async function makeWorkFolder(kind: AgentKind, workdir: string, machine: Machine): Promise<void> {
  try {
    await makeFolders(workdir)
  } catch (error) {
    throw usageError(
      `cannot make ${workdir}: ${systemReason(error)}`,
      'run it as root, or choose another --workdir',
    )
  }
  await checkWorkFolder(kind, workdir, machine)
}
