import {join} from 'node:path'
import table from 'command-table'
import {runProcess} from './program.js'

declare const PANELCTL_VERSION: string

/** What bin/run.js calls: the program with the table that the build made. */
export function start(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  return runProcess(argv, {
    root: join(__dirname, '..'),
    version: PANELCTL_VERSION,
    ids: Object.keys(table),
    load: async id => {
      const found = await table[id]?.()
      if (!found) throw new Error(`no command ${id}`)
      return found.default
    },
  })
}
