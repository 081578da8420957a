import {dispatch} from '../src/lib/command/main.js'
import {parseArguments} from '../src/lib/command/parse.js'
import {commandIds, loadCommand} from './harness.js'

const topics = [...new Set(commandIds.map(id => id.split(':')[0] ?? ''))]
const beginning = new RegExp(String.raw`\bpanelctl (?=(?:${topics.join('|')}|help)\b|-)`, 'g')
/** A word of a shell, in quotes where it needs them; what ends a command within a sentence stays outside. */
const word = /^ ?((?:'[^']*'|\\'|[^\s'\\;,?)|<])+)/

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
      argv.push((next[1] ?? '').replace(/'([^']*)'|\\'/g, (_, quoted?: string) => quoted ?? "'"))
      rest = rest.slice(next[0].length)
    }
    return argv
  })
}

/** What is wrong with a command as somebody types it; undefined where it would run. */
async function problemOf(argv: readonly string[]): Promise<string | undefined> {
  try {
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

/**
 * Every command in the hints of what was printed is one that can be typed.
 * @throws Error naming the first that is not
 */
export async function checkHints(printed: readonly string[]): Promise<void> {
  for (const hint of new Set(printed.flatMap(hintsIn))) {
    for (const argv of commandsIn(hint)) {
      const problem = await problemOf(argv)
      if (problem !== undefined) throw new Error(`a hint that cannot be typed: ${hint}\n${problem}`)
    }
  }
}
