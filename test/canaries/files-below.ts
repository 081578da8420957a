import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'

/** All files below a folder, with what is in them. */
export function filesBelow(folder: string): [string, string][] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter(name => statSync(join(folder, name)).isFile())
    .map(name => [name, readFileSync(join(folder, name), 'latin1')])
}
