import {join} from 'node:path'
import table from 'command-table'
import parts from 'parts-used'
import {printedBy, runProcess} from './program.js'

declare const PANELCTL_VERSION: string
/** Empty while package.json has no real one. */
declare const PANELCTL_BUGS: string

let last = 'help'

/** Which command was loaded, or help, and with which parts: the code cache is filled by it. */
export function ran(): {command: string; parts: string[]} {
  return {command: last, parts: [...parts]}
}

/** The program with the table that the build made. */
function program() {
  return {
    root: join(__dirname, '..'),
    version: PANELCTL_VERSION,
    bugs: PANELCTL_BUGS || undefined,
    ids: Object.keys(table),
    load: async (id: string) => {
      last = id.replaceAll(':', '.')
      const found = await table[id]?.()
      if (!found) throw new Error(`no command ${id}`)
      return found.default
    },
  }
}

/** What bin/run.cjs calls. */
export function start(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  return runProcess(argv, program())
}

/** What a command prints, for completion, which nobody is to notice: undefined where it fails, or somebody would be asked. */
export function printed(argv: readonly string[]): Promise<string | undefined> {
  return printedBy(argv, program())
}
