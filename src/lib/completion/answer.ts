import {printable} from '../output/printable.js'
import {quoteForBash, readBashLine} from './bash-line.js'
import {type NamesOptions, rowsOfListing} from './names.js'
import type {CompletionTable} from './table.js'
import {type Candidate, wantedAt} from './wanted.js'

/** What a script of `scripts.ts` gets: lines to offer, or the word that the shell shall complete files. */
export interface OfferedLines {
  readonly files: boolean
  readonly lines: readonly string[]
}

/** As a word of PowerShell. */
function quoteForPowershell(value: string): string {
  return /^[\p{L}\p{N}\-_.:=/]+$/u.test(value) ? value : `'${value.replaceAll("'", "''")}'`
}

/**
 * The answer for a shell. Bash hands over its line and COMP_WORDBREAKS, the others the words behind the program's name;
 * the last one is completed, which PowerShell marks with a `=` in front, as it leaves out an empty one. Bash and PowerShell
 * get what begins as the word does, in their quotes; zsh and fish choose and quote themselves, and show remarks.
 */
export async function answer(
  [shell, ...rest]: readonly string[],
  options: Omit<NamesOptions, 'variables'> & {readonly table: CompletionTable},
): Promise<OfferedLines> {
  const {table} = options
  const last = rest.at(-1) ?? ''
  const line = shell === 'bash' ? readBashLine(rest[0] ?? '', rest[1] ?? '') : undefined
  const current = line?.current ?? (shell === 'powershell' ? last.replace(/^=['"]?/, '') : last)
  const wanted = wantedAt(line?.words ?? rest.slice(0, -1), current, table)
  const {prefix, candidates, except} = wanted
  const listed = await Promise.all(
    wanted.listings.map(async listing => {
      const rows = await rowsOfListing(listing, {...options, variables: table.variables})
      return rows
        .filter(([, remark]) => listing.remark === undefined || listing.remark === remark)
        .map(([value = '', remark = '']): Candidate => ({value, remark: printable(remark)}))
    }),
  )
  // What cannot be typed, or would be taken for a flag, is no help.
  const names = listed
    .flat()
    .filter(({value}) => /^[^-]/.test(value) && printable(value) === value && !except.includes(value))
  const remarks = new Map([...candidates, ...names].map(({value, remark}) => [prefix + value, remark]))
  const begun = [...remarks.keys()].filter(value => value.startsWith(current))
  const lines = line
    ? begun.map(value => quoteForBash(value, line))
    : shell === 'powershell'
      ? begun.map(value => `${quoteForPowershell(value)}\t${remarks.get(value) || value}`)
      : [...remarks].map(([value, remark]) => `${value}\t${remark}`)
  return {files: wanted.files && remarks.size === 0, lines}
}
