import {join} from 'node:path'
import table from 'command-table'
import {printedBy, runProcess} from './program.js'

declare const PANELCTL_VERSION: string
/** Empty while package.json has no real one. */
declare const PANELCTL_BUGS: string

let last = ''

/** The id of the command that was loaded; empty where it was help. The code cache is filled by it. */
export function lastCommand(): string {
  return last
}

/** The program with the table that the build made. */
function program() {
  return {
    root: join(__dirname, '..'),
    version: PANELCTL_VERSION,
    bugs: PANELCTL_BUGS || undefined,
    ids: Object.keys(table),
    load: async (id: string) => {
      last = id
      const found = await table[id]?.()
      if (!found) throw new Error(`no command ${id}`)
      return found.default
    },
  }
}

/** What bin/run.js calls. */
export function start(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  return runProcess(argv, program())
}

/** What a command prints, for completion, which nobody is to notice: undefined where it fails, or somebody would be asked. */
export function printed(argv: readonly string[]): Promise<string | undefined> {
  return printedBy(argv, program())
}
