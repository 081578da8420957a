import {dispatch} from '../src/lib/command/argv.js'
import {parseArguments} from '../src/lib/command/parse.js'
import {commandIds, loadCommand} from './harness.js'
import type {Printed} from './printed.js'

const topics = [...new Set(commandIds.map(id => id.split(':')[0] ?? ''))]
const beginning = new RegExp(String.raw`\bpanelctl (?=(?:${topics.join('|')}|help)\b|-)`, 'g')
/** A word of a shell, in quotes where it needs them; what ends a command within a sentence stays outside. */
const word = /^ ?((?:'[^']*'|\\'|[^\s'\\;,?)|<])+)/

/** Marks a word that a shell would not take as it stands. */
const UNREADABLE = '\u0000'

/** The texts of all hints in what went to stderr, in either form. */
export function hintsIn(stderr: string): string[] {
  return stderr.split('\n').flatMap(line => {
    if (line.startsWith('hint: ')) return [line.slice('hint: '.length)]
    if (!line.startsWith('{"error":')) return []
    const {error}: {error: {hint?: string}} = JSON.parse(line)
    return error.hint === undefined ? [] : [error.hint]
  })
}

/** The commands in a hint, each as the arguments that a shell would make of it. */
export function commandsIn(hint: string): string[][] {
  return [...hint.matchAll(beginning)].map(found => {
    const argv: string[] = []
    let rest = hint.slice(found.index + found[0].length)
    for (let next = word.exec(rest); next; next = word.exec(rest)) {
      const typed = next[1] ?? ''
      const bare = typed.replace(/'[^']*'|\\'/g, '')
      const meant = typed.replace(/'([^']*)'|\\'/g, (_, quoted?: string) => quoted ?? "'")
      argv.push(/[$&*`"'(~#]/.test(bare) ? `${meant}${UNREADABLE}` : meant)
      rest = rest.slice(next[0].length)
    }
    // A quotation that nothing ends.
    if (rest.startsWith("'")) argv.push(`${rest}${UNREADABLE}`)
    return argv
  })
}

/** What is wrong with a command as somebody types it; undefined where it would run. */
async function problemOf(argv: readonly string[]): Promise<string | undefined> {
  try {
    const unquoted = argv.find(each => each.includes(UNREADABLE))
    if (unquoted !== undefined) return `a shell reads ${unquoted.replaceAll(UNREADABLE, '')} otherwise`
    const request = dispatch(argv, commandIds)
    if (request.kind === 'unknown') return 'there is no such command'
    const asksForHelp = argv.some(each => each === '--help' || each === '-h')
    if (request.kind === 'command' && !asksForHelp)
      await parseArguments(request.id, await loadCommand(request.id), request.argv)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function flagValue(argv: readonly string[], flag: string): string | undefined {
  const at = argv.indexOf(flag)
  return at === -1 ? argv.find(word => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : argv[at + 1]
}

/** Whether a command asks another panel than the run did: `--context lab1` of a run with `--context lab`. */
function strayOf(argv: readonly string[], run: readonly string[] | undefined): string | undefined {
  const topicOf = (words: readonly string[]) => words.find(word => topics.includes(word.split(':')[0] ?? ''))
  // A login makes a context, and has the name that is free.
  if (run === undefined || topicOf(argv) !== topicOf(run) || argv.includes('login')) return undefined
  for (const flag of ['--context', '--url'] as const) {
    const [asked, hinted] = [flagValue(run, flag), flagValue(argv, flag)]
    const isSame = asked?.replace(/\/+$/, '') === hinted
    if (asked !== undefined && hinted !== undefined && !isSame) return `${flag} was ${asked}`
  }
  return undefined
}

/**
 * Every command in the hints of what was printed is one that can be typed, and asks the panel of its run.
 * @throws Error naming the first that is not
 */
export async function checkHints(printed: readonly Printed[]): Promise<void> {
  for (const {stderr, argv: run} of printed) {
    for (const hint of hintsIn(stderr)) {
      for (const argv of commandsIn(hint)) {
        const problem = (await problemOf(argv)) ?? strayOf(argv, run)
        if (problem !== undefined) throw new Error(`a hint that cannot be typed: ${hint}\n${problem}`)
      }
    }
  }
}
