import {mkdir, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {errorCode} from '../../errors.js'

/** Another process may make it at the same time. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, {mode})
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error
  }
}

/**
 * Makes a folder with those that it lies in, one after the other: below /proc, Node's own recursive mkdir never ends.
 * @throws Error of the system
 */
export async function makeFolders(folder: string, mode = 0o700): Promise<void> {
  try {
    await makeFolder(folder, mode)
  } catch (error) {
    const parent = dirname(folder)
    if (errorCode(error) !== 'ENOENT' || parent === folder) throw error
    await makeFolders(parent, mode)
    await makeFolder(folder, mode)
  }
}
