import {type PanelctlError, usageError} from '../errors.js'
import {type Hint, hint, panelctl} from '../hint.js'
import {isSlip, nearestNames} from '../nearest-names.js'
import {helpOf} from './argv.js'
import type {Command} from './command.js'
import {parseArguments} from './parse.js'

interface Commands {
  readonly ids: readonly string[]
  load(id: string): Promise<Command>
}

/** Words that people use for one another. */
const meanings = [
  ['list', 'ls', 'all'],
  ['show', 'get', 'info', 'describe', 'view'],
  ['create', 'add', 'new', 'register'],
  ['update', 'edit', 'change', 'modify'],
  ['delete', 'rm', 'remove', 'del', 'destroy'],
  ['reset', 'restart', 'reboot'],
]

/** What costs more is no guess worth reading: a word that is missing or a slip costs 1. */
const FARTHEST = 3

/** How a typed word may be read: a slip at most, or anything that is near. */
type Reading = 'plain' | 'near'

/** How far a typed word is from one of a command; undefined where it means something else. */
function distance(typed: string, word: string, reading: Reading): number | undefined {
  if (typed === word) return 0
  if (typed === `${word}s` || word === `${typed}s`) return 0.5
  if (meanings.some(group => group.includes(typed) && group.includes(word))) return 0.5
  if (isSlip(typed, word)) return 1
  // Short words are all near each other.
  const isNear = typed.length > 3 && nearestNames(typed, [word]).length > 0
  return reading === 'near' && isNear ? 2 : undefined
}

function least(...costs: readonly (number | undefined)[]): number | undefined {
  const known = costs.filter(cost => cost !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** How far typed words are from those of a command in the same order, of which some may be missing, but not the last. */
function costOf(typed: readonly string[], words: readonly string[], reading: Reading): number | undefined {
  const [last, word] = [typed.at(-1), words.at(-1)]
  if (last === undefined) return words.length
  if (word === undefined) return undefined
  const here = distance(last, word, reading)
  const before = words.slice(0, -1)
  const rest = here === undefined ? undefined : costBefore(typed.slice(0, -1), before, reading)
  return here === undefined || rest === undefined ? undefined : here + rest
}

function costBefore(
  typed: readonly string[],
  words: readonly string[],
  reading: Reading,
): number | undefined {
  if (words.length === 0) return typed.length === 0 ? 0 : undefined
  const skipped = costBefore(typed, words.slice(0, -1), reading)
  return least(costOf(typed, words, reading), skipped === undefined ? undefined : skipped + 1)
}

interface Meant {
  readonly id: string
  readonly command: Command
  readonly cost: number
  /** The word that is no name but one of the values of an argument: `start` of `vm start`. */
  readonly choice?: string
}

/** The value of an argument that a word names. */
function choiceOf({args}: Command, typed: string | undefined): string | undefined {
  const options = Object.values(args).flatMap(({options}) => options ?? [])
  return options.find(option => typed !== undefined && (distance(typed, option, 'plain') ?? 1) < 1)
}

/** What a command costs as the meaning of all these words; undefined where they do not mean it. */
async function meaningOf(
  typed: readonly string[],
  id: string,
  load: Commands['load'],
): Promise<Meant | undefined> {
  const words = id.split(':')
  const costAs = (reading: Reading) => {
    const named = costOf(typed, words, reading)
    // The plural of what a list lists.
    const listed = words.at(-1) === 'list' ? costOf(typed, words.slice(0, -1), reading) : undefined
    const acted = costOf(typed.slice(0, -1), words.slice(0, -1), reading)
    return {named: least(named, listed ? listed + 1 : undefined), acted}
  }
  const near = costAs('near')
  if (near.named === undefined && (near.acted === undefined || typed.length < 2)) return undefined
  const command = await load(id)
  // Never a write for what was not one.
  const cost = 'dry-run' in command.flags ? costAs('plain') : near
  if (cost.named !== undefined) return {id, command, cost: cost.named}
  const choice = choiceOf(command, typed.at(-1))
  return choice === undefined || cost.acted === undefined || typed.length < 2
    ? undefined
    : {id, command, cost: cost.acted + 1, choice}
}

/** The command with what was typed behind its name, and a word in capitals for each argument that it wants besides. */
async function asTyped({id, command, choice}: Meant, typed: readonly string[]): Promise<Hint> {
  const left = [...typed]
  const wanted = Object.entries(command.args).filter(([, {required, multiple}]) => required || !multiple)
  const asked = ([name, {required}]: (typeof wanted)[number]) => (required ? [name.toUpperCase()] : [])
  const filled = wanted.flatMap(argument => {
    const [, {options}] = argument
    return choice !== undefined && options?.includes(choice) ? choice : (left.shift() ?? asked(argument))
  })
  const usual = wanted.flatMap(asked)
  for (const args of [filled, usual]) {
    const isParsed = await parseArguments(id, command, args).then(
      () => true,
      () => false,
    )
    if (isParsed) return panelctl(id.replaceAll(':', ' '), args)
  }
  return helpOf(id)
}

/** USAGE for words that are no command, with the nearest that could be typed in their place. */
export async function unknownCommand(
  words: readonly string[],
  {ids, load}: Commands,
): Promise<PanelctlError> {
  const message = `unknown command "${words.slice(0, 3).join(' ')}"`
  // The words behind a misspelt one may be arguments: `nezha servre list` and `nezha server lits 3` are both near something.
  for (let length = Math.min(words.length, 4); length > 0; length--) {
    const tried = words.slice(0, length)
    const meant = await Promise.all(ids.map(id => meaningOf(tried, id, load)))
    const possible = meant.filter(each => each !== undefined)
    const best = Math.min(...possible.map(({cost}) => cost))
    // `list` alone fits too many for one of them to be meant.
    const isClear = best <= FARTHEST && possible.filter(({cost}) => cost <= best + 1).length <= 3
    if (!isClear) continue
    const nearest = possible.filter(({cost}) => cost === best)
    const hints = await Promise.all(nearest.map(each => asTyped(each, words.slice(length))))
    const listed = hints.flatMap((each, at) => [at === 0 ? '' : ', or ', each])
    return usageError(message, hint`did you mean ${listed}?`)
  }
  const known = words.findIndex(
    (_, at) => !ids.some(id => id.startsWith(`${words.slice(0, at + 1).join(':')}:`)),
  )
  return usageError(message, helpOf(words.slice(0, known).join(':')))
}
