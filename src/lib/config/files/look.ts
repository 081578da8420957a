import * as fs from 'node:fs'
import {promisify} from 'node:util'

// What each start does with files: of `node:fs/promises` Node compiles as much as of all that a small command needs.

export const lstat = promisify(fs.lstat)
export const readlink = promisify(fs.readlink)
export const realpath = promisify(fs.realpath.native)
export const stat = promisify(fs.stat)

/** The text of a file of ours. A pipe in the place of one has nothing in it, and is not waited for: no signal would end that. */
export function textIn(path: string, encoding: BufferEncoding = 'utf8'): string {
  const {O_RDONLY, O_NONBLOCK = 0} = fs.constants
  const file = fs.openSync(path, O_RDONLY | O_NONBLOCK)
  try {
    return fs.readFileSync(file, encoding)
  } finally {
    fs.closeSync(file)
  }
}
