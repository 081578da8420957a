import {type PanelctlError, usageError} from '../errors.js'
import {type Hint, hint, panelctl} from '../hint.js'
import {isSlip, nearestNames} from '../nearest-names.js'
import {helpOf} from './argv.js'
import type {Command} from './command.js'
import {parseArguments} from './parse.js'
import {commandWords, scan} from './scan.js'

interface Commands {
  readonly ids: readonly string[]
  load(id: string): Promise<Command>
}

/** What people type for a word of a command. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  list: ['ls', 'all', 'ps'],
  show: ['get', 'info', 'describe', 'view', 'current', 'list'],
  get: ['show', 'read'],
  set: ['edit'],
  status: ['top', 'metrics', 'stats'],
  stats: ['top', 'metrics', 'status'],
  details: ['top', 'metrics', 'stats', 'status'],
  create: ['add', 'new'],
  add: ['create', 'new'],
  register: ['add', 'create', 'new'],
  update: ['edit', 'change', 'modify', 'resize', 'set'],
  edit: ['change', 'modify', 'rename', 'set', 'update'],
  apply: ['import'],
  export: ['backup', 'dump'],
  exec: ['run', 'ssh'],
  cp: ['copy', 'upload', 'download'],
  run: ['trigger', 'start', 'exec'],
  delete: ['rm', 'remove', 'del', 'destroy'],
  login: ['signin', 'auth'],
  logout: ['signout'],
  use: ['switch', 'select'],
  me: ['whoami'],
}

/** What people call the things that commands are about; the history of one is looked for below it. */
const nouns: Readonly<Record<string, readonly string[]>> = {
  server: ['node', 'machine'],
  node: ['server', 'machine'],
  vm: ['server', 'instance', 'machine'],
  cron: ['task', 'job'],
  records: ['node', 'server'],
}

/** What people type for a value of an argument; none of it is a word of a command: a `token reset` is no restart. */
const values: Readonly<Record<string, readonly string[]>> = {
  start: ['boot', 'on'],
  stop: ['halt', 'off', 'poweroff', 'shutdown'],
  reset: ['reboot', 'restart'],
  pause: ['suspend'],
  on: ['enable'],
  off: ['disable'],
}

/** What costs more is no guess worth reading: a word that is missing or a slip costs 1. */
const FARTHEST = 3

/** How a typed word may be read: a slip at most, or what people call it besides, or anything that is near. */
type Reading = 'literal' | 'plain' | 'near'

/** How far a typed word is from one of a command; undefined where it means something else. */
function distance(typed: string, word: string, reading: Reading): number | undefined {
  if (typed === word) return 0
  if (typed === `${word}s` || word === `${typed}s`) return 0.5
  if (verbs[word]?.includes(typed)) return 0.5
  const isCalled = reading !== 'literal' && nouns[word]?.includes(typed.replace(/s$/, ''))
  if (isCalled || isSlip(typed, word)) return 1
  return reading === 'near' && nearestNames(typed, [word]).length > 0 ? 2 : undefined
}

function least(...costs: readonly (number | undefined)[]): number | undefined {
  const known = costs.filter(cost => cost !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** How far typed words are from those of a command in the same order, of which some may be missing, but not the last. */
function costOf(typed: readonly string[], words: readonly string[], reading: Reading): number | undefined {
  const [last, word] = [typed.at(-1), words.at(-1)]
  const here = last === undefined || word === undefined ? undefined : distance(last, word, reading)
  if (here === undefined) return undefined
  const [left, before] = [typed.slice(0, -1), words.slice(0, -1)]
  if (left.length === 0) return here + before.length
  const named = costOf(left, before, reading)
  // `panel list`: behind the first word all may be missing, but `system show` shows no `system token`.
  const [first, ...others] = before
  const [only = '', ...more] = left
  const panel = first && more.length === 0 ? distance(only, first, reading) : undefined
  const rest = least(named, panel === undefined ? undefined : panel + others.length)
  return rest === undefined ? undefined : here + rest
}

/** `panel:server` of `panel:server:list`. */
function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf(':'))
}

interface Meant {
  readonly id: string
  readonly command: Command
  readonly cost: number
  /** The word that is no name but one of the values of an argument: `start` of `vm start`. */
  readonly choice?: string
}

/** The value of an argument that a word names. */
function choiceOf({args}: Command, typed = ''): string | undefined {
  const options = Object.values(args).flatMap(({options, multiple}) => (multiple ? [] : (options ?? [])))
  return options.find(option => option === typed) ?? options.find(option => values[option]?.includes(typed))
}

/** How many arguments it wants besides the one that has choices. */
function namesWanted({args}: Command): number {
  return Object.values(args).filter(({required, options}) => required && !options).length
}

/** What a command costs as the meaning of all these words; undefined where they do not mean it. `behind` are the words left. */
async function meaningOf(
  typed: readonly string[],
  behind: number,
  id: string,
  load: Commands['load'],
): Promise<Meant | undefined> {
  const words = id.split(':')
  const costAs = (reading: Reading) => {
    const named = costOf(typed, words, reading)
    // The plural of what a list lists; what stands behind it may be one of them, or where they are.
    const isPlural = typed.at(-1) === `${words.at(-2)}s`
    const isList = words.at(-1) === 'list' && (behind === 0 || (behind === 1 && isPlural))
    const listed = isList ? costOf(typed, words.slice(0, -1), reading) : undefined
    const acted = costOf(typed.slice(0, -1), words.slice(0, -1), reading)
    // `panel start host vm`: of what it is a value is told by how many names stand behind it.
    const [panel = '', ...more] = typed.slice(0, -1)
    const alone =
      more.length > 0 || acted !== undefined ? undefined : distance(panel, words[0] ?? '', 'plain')
    return {named: least(named, listed ? listed + 1 : undefined), acted, alone}
  }
  const near = costAs('near')
  if (near.named === undefined && near.acted === undefined && near.alone === undefined) return undefined
  const command = await load(id)
  // Never a write for what was not one, and none that asks first where what it is done to was not typed.
  const cost = 'dry-run' in command.flags ? costAs('plain') : near
  // `panel apply` is done to nothing that has a name.
  const isOfPanel = words.length === 2 && Object.keys(command.args).length === 0
  const isNamed =
    isOfPanel ||
    !('yes' in command.flags) ||
    distance(typed.at(-2) ?? '', words.at(-2) ?? '', 'literal') !== undefined
  if (cost.named !== undefined) return isNamed ? {id, command, cost: cost.named} : undefined
  const choice = choiceOf(command, typed.at(-1))
  const counted = behind > 0 && behind === namesWanted(command) ? cost.alone : undefined
  const acted = counted === undefined ? cost.acted : counted + 1
  return choice === undefined || acted === undefined ? undefined : {id, command, cost: acted + 1, choice}
}

/** The command with what was typed behind its name, and a word in capitals for each argument that it wants besides. */
async function asTyped(
  {id, command, choice}: Meant,
  typed: readonly string[],
  isRename: boolean,
): Promise<Hint> {
  // `server rename a b`: the last word is what it is to be called.
  const isNamed = isRename && 'name' in command.flags
  const left = isNamed ? typed.slice(0, 1) : [...typed]
  const flags = isNamed ? {name: typed[1] ?? 'NAME'} : undefined
  const wanted = Object.entries(command.args)
  const asked = ([name, {required}]: (typeof wanted)[number]) => (required ? [name.toUpperCase()] : [])
  const isChoice = ([, {options}]: (typeof wanted)[number]) =>
    choice !== undefined && options?.includes(choice) === true
  // Who types `vm start web01` names what is done to, and not where that is, which stands before.
  const open = wanted.filter(argument => !isChoice(argument) && argument[1].required)
  const unnamed = open.slice(0, choice === undefined ? 0 : Math.max(0, open.length - left.length))
  const filled = wanted.flatMap((argument, at) => {
    if (isChoice(argument)) return choice ?? []
    if (unnamed.includes(argument) || left.length === 0) return asked(argument)
    // All but what others behind it take.
    const others = wanted.slice(at + 1).filter(other => !isChoice(other)).length
    return left.splice(0, argument[1].multiple ? Math.max(1, left.length - others) : 1)
  })
  const usual = wanted.flatMap(asked)
  for (const args of [filled, usual]) {
    const isParsed = await parseArguments(id, command, args).then(
      () => true,
      () => false,
    )
    if (isParsed) return panelctl(id.replaceAll(':', ' '), args, {flags})
  }
  return helpOf(id)
}

/** What was typed behind the words of a command; nothing where a flag that it has not leaves open what is one. */
function argumentsOf({command}: Meant, argv: readonly string[], tried: readonly string[]): string[] {
  const {words, alone} = scan(argv, command.flags)
  const typed = words.flatMap(commandWords)
  const first = typed.slice(0, tried.length)
  const isSure = words.length === alone.length && tried.every(word => first.includes(word))
  return isSure ? typed.slice(tried.length) : []
}

/** USAGE for words that are no command, with the nearest that could be typed in their place. */
export async function unknownCommand(
  words: readonly string[],
  {ids, load}: Commands,
  argv: readonly string[] = words,
): Promise<PanelctlError> {
  const message = `unknown command "${words.slice(0, 3).join(' ')}"`
  // The words behind a misspelt one may be arguments: `panel servre list` and `panel server lits 3` are both near something.
  for (const tried of readings(words)) {
    // `rename vm`: what it is about is no argument.
    const next = words[tried.length] ?? ''
    if (ids.some(id => id.split(':').slice(0, -1).includes(next))) continue
    const behind = words.length - tried.length
    const meant = await Promise.all(ids.map(id => meaningOf(tried, behind, id, load)))
    const possible = meant.filter(each => each !== undefined)
    const best = Math.min(...possible.map(({cost}) => cost))
    // `list` alone fits too many for one of them to be meant.
    const isMany = possible.filter(({cost}) => cost <= best + 1).length > 3
    if (best > FARTHEST || (isMany && tried.length === 1)) continue
    // Of several the one whose group has the most commands: what a panel is mostly about.
    const sizeOf = ({id}: Meant) => ids.filter(other => parentOf(other) === parentOf(id)).length
    const nearest = possible
      .filter(({cost}) => cost === best)
      .sort((one, other) => sizeOf(other) - sizeOf(one))
      .slice(0, isMany ? 1 : 3)
    const hints = await Promise.all(
      nearest.map(each => asTyped(each, argumentsOf(each, argv, tried), tried.includes('rename'))),
    )
    const listed = hints.flatMap((each, at) => [at === 0 ? '' : ', or ', each])
    return usageError(message, hint`did you mean ${listed}?`)
  }
  const known = words.findIndex(
    (_, at) => !ids.some(id => id.startsWith(`${words.slice(0, at + 1).join(':')}:`)),
  )
  // `vm frob`, `komri frob`: the one group that is called so.
  const parent = words.slice(0, known).join(':')
  const [group, ...more] = groupsOf(ids).filter(each => {
    const [name = '', wanted = ''] = [each.split(':').at(-1), words[known]]
    return each.startsWith(parent) && (name === wanted || isSlip(wanted, name))
  })
  return usageError(message, helpOf(group && more.length === 0 ? group : parent))
}

/** The words that may name the command, most of them first; each also as `show server`, with the verb in front. */
function readings(words: readonly string[]): string[][] {
  return [4, 3, 2, 1].flatMap(length => {
    const tried = words.slice(0, length)
    if (tried.length < length) return []
    return length === 1 ? [tried] : [tried, [...tried.slice(0, -2), ...tried.slice(-2).reverse()]]
  })
}

/** `panel` and `panel:server` of `panel:server:list`. */
function groupsOf(ids: readonly string[]): string[] {
  const groups = ids.flatMap(id => {
    const [panel = '', noun = '', verb] = id.split(':')
    return [...(noun ? [panel] : []), ...(verb ? [`${panel}:${noun}`] : [])]
  })
  return [...new Set(groups)]
}
