import {readdirSync} from 'node:fs'
import {join, relative} from 'node:path'

const folder = join(import.meta.dirname, '..', 'src', 'commands')

/** Every command as its id (`nezha:server:list`) and its source file; `help` is oclif's own and no value of ours. */
export function commandFiles() {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => {
      const file = join(entry.parentPath, entry.name)
      const id = relative(folder, file).replace(/\.ts$/, '').split(/[\\/]/).join(':')
      return {id, file}
    })
    .filter(({id}) => id !== 'help')
    .sort((one, other) => (one.id < other.id ? -1 : 1))
}
