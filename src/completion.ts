import table from 'completion-table'
import parts from 'parts-used'
import {answer} from './lib/completion/answer.js'
import {parseDuration} from './lib/flags/duration.js'

/** A shell waits for us while somebody has pressed Tab: so many milliseconds, the start of the process included. */
const USUAL_LIMIT = 1000

/** The same, as who has a slow panel wants it; nobody is told of a mistake in it. */
function limit(): number {
  try {
    return parseDuration(process.env.PANELCTL_TAB_TIMEOUT ?? '')
  } catch {
    return USUAL_LIMIT
  }
}

/** What is left of them for keeping an answer, or that there was none. */
const RESERVE = 100

/** The exit code that tells a script to complete files. */
const FILES = 10

/** For the code cache: whatever is completed, this bundle does the same. */
export function ran(): {command: string; parts: string[]} {
  return {command: 'completion', parts: [...parts]}
}

interface Program {
  printed(argv: readonly string[]): Promise<string | undefined>
}

/** What bin/run.cjs calls for `__complete`: a bundle of its own, which loads the program only to ask a panel. */
export async function start(load: () => Program): Promise<void> {
  const left = limit() - process.uptime() * 1000
  setTimeout(() => process.exit(0), left)
  // Whatever goes wrong, a shell shows nothing then.
  process.on('uncaughtException', () => process.exit(0))
  process.stdout.on('error', () => {})
  const late = new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), left - RESERVE))
  const {files, lines} = await answer(process.argv.slice(3), {
    table,
    env: process.env,
    now: Date.now,
    ask: async ({argv}) => {
      const words = ['-o', 'csv', '--no-header', '--retries', '0', ...argv]
      const csv = await Promise.race([
        load()
          .printed(words)
          .catch(() => undefined),
        late,
      ])
      return csv === undefined ? [] : rowsOf(csv)
    },
  })
  const text = lines.map(line => `${line}\n`).join('')
  process.stdout.write(text, () => process.exit(files ? FILES : 0))
}

/** The cells of csv as panelctl writes it. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, bare = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare)
    if (end === '\n') rows.push([])
  }
  return rows
}
