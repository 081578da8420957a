import * as fs from 'node:fs'
import {promisify} from 'node:util'

// What each start does with files: of `node:fs/promises` Node compiles as much as of all that a small command needs.

export const lstat = promisify(fs.lstat)
export const readFile = promisify(fs.readFile)
export const readlink = promisify(fs.readlink)
export const realpath = promisify(fs.realpath.native)
export const stat = promisify(fs.stat)
