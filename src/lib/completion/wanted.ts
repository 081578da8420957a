import {commandWords, type GivenFlag, scan, shortVerbs, spelledOut} from '../command/scan.js'
import type {CompletionTable, Taken} from './table.js'

/** What may stand where the cursor is, with a word about it. */
export interface Candidate {
  readonly value: string
  readonly remark: string
}

/** A command whose cells are candidates: the first column of a row is the value, the second the remark. */
export interface NamesListing {
  /** Its words, without a format. */
  readonly argv: readonly string[]
  /** Only rows with this remark: of contexts those of the panel whose command is typed. */
  readonly remark: string | undefined
}

/** What completes a word. */
export interface Completions {
  /** Stands in front of each candidate in the word: `--output=`, `name,`. */
  readonly prefix: string
  readonly candidates: readonly Candidate[]
  readonly listings: readonly NamesListing[]
  /** What stands there already and is not offered once more. */
  readonly except: readonly string[]
  readonly files: boolean
}

const nothing: Completions = {prefix: '', candidates: [], listings: [], except: [], files: false}

/** What is typed in front of the word. */
interface Line {
  /** The command's id, or the beginning of one. */
  readonly path: readonly string[]
  readonly flags: CompletionTable['flags']
  readonly given: readonly GivenFlag[]
  /** By name, of arguments and flags. */
  readonly values: ReadonlyMap<string, string>
  /** The words that connect to a panel, to be said again. */
  readonly connection: readonly string[]
}

/**
 * What may stand in the place of `current`, behind these words of a command line without the program's own.
 * Asks nobody: what a panel has to tell is a listing.
 */
export function wantedAt(words: readonly string[], current: string, table: CompletionTable): Completions {
  const typed = spelledOut(scan(words, table.flags).words.flatMap(commandWords))
  const length =
    typed.findIndex((_, at) => Object.hasOwn(table.commands, typed.slice(0, at + 1).join(':'))) + 1
  const path = typed.slice(0, length || typed.length)
  const command = table.commands[path.join(':')]
  const {args = {}} = command ?? {}
  const flags = {...table.flags, ...command?.flags}
  const {given, words: bare, end} = scan(words, flags)
  const named = bare.findIndex((_, at) => bare.slice(0, at + 1).flatMap(commandWords).length >= length) + 1
  const texts = [...bare.slice(named), ...words.slice(end + 1)]
  const names = Object.keys(args).filter(name => !args[name]?.behind)
  // What stands behind an argument that takes several may be one more of them, or the next argument.
  const many = names.findIndex(name => args[name]?.multiple)
  const single = many === -1 ? names : names.slice(0, many)
  const line: Line = {
    path,
    flags,
    given,
    values: new Map([
      ...given.flatMap(({name, value}) => (value === undefined ? [] : [[name, value] as const])),
      ...texts.flatMap((text, at) => (single[at] === undefined ? [] : [[single[at], text] as const])),
    ]),
    connection: given
      .filter(
        ({name, value}) =>
          table.connection.includes(name) && (value !== undefined || flags[name]?.type === 'boolean'),
      )
      .flatMap(flag => words.slice(flag.start, flag.start + flag.length)),
  }
  const isBehindDashes = end < words.length
  const ofFlags = isBehindDashes ? undefined : atFlag(words, current, line, table)
  if (ofFlags) return ofFlags
  if (!command) return isBehindDashes ? nothing : nextWord(path, current, table)
  // Another program's words.
  if (isBehindDashes && names.length < Object.keys(args).length) return nothing
  const next = texts.length < single.length ? [single[texts.length] ?? ''] : names.slice(single.length)
  const [asFlag, ...ofCommand] = next.flatMap(
    name => line.values.get(args[name]?.asFlagOf ?? '')?.split('.') ?? [],
  )
  if (asFlag !== undefined) return ofFlag(asFlag, current, {...line, path: ofCommand}, table)
  const wanted = next.flatMap(name =>
    args[name] ? ofTaken(args[name], line, table, texts.slice(single.length)) : [],
  )
  return wanted.length > 0 || isBehindDashes ? together(wanted) : {...nothing, candidates: flagsOf(line)}
}

/** A flag, or the value of one; undefined where neither may be meant. */
function atFlag(
  words: readonly string[],
  current: string,
  line: Line,
  table: CompletionTable,
): Completions | undefined {
  const takesValue = (name: string) => line.flags[name]?.type === 'option'
  const last = line.given.at(-1)
  if (last && last.value === undefined && last.start === words.length - 1 && takesValue(last.name))
    return ofFlag(last.name, current, line, table)
  const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(current) ?? []
  if (takesValue(name)) {
    const wanted = ofFlag(name, value, line, table)
    return {...wanted, prefix: `--${name}=${wanted.prefix}`}
  }
  return current.startsWith('-') ? {...nothing, candidates: flagsOf(line)} : undefined
}

function together(parts: readonly Completions[]): Completions {
  return {
    prefix: '',
    candidates: parts.flatMap(part => part.candidates),
    listings: parts.flatMap(part => part.listings),
    except: parts.flatMap(part => part.except),
    files: parts.some(part => part.files),
  }
}

/** The next word of a command, or of what help is asked about. */
function nextWord(path: readonly string[], current: string, table: CompletionTable): Completions {
  const isHelp = path[0] === 'help'
  const before = (isHelp ? path.slice(1) : path).map(word => `${word}:`).join('')
  const ids = Object.keys(table.commands).filter(id => id.startsWith(before))
  const following = [...new Set(ids.map(id => id.slice(before.length).split(':')[0] ?? ''))]
  const candidates = following.map(value => ({
    value,
    remark: table.topics[before + value] ?? table.commands[before + value]?.summary ?? '',
  }))
  if (before === '') {
    if (isHelp) candidates.push(...table.pages.map(value => ({value, remark: 'a page of help'})))
    else candidates.push({value: 'help', remark: 'show help for a command or a topic'})
  }
  if (candidates.some(({value}) => value.startsWith(current))) return {...nothing, candidates}
  // Only who types them wants the short ways: beside the long ones they would be in the way.
  const short = Object.entries(shortVerbs).flatMap(([value, verb]) => {
    const long = candidates.find(candidate => candidate.value === verb)
    return long ? {value, remark: long.remark} : []
  })
  return {...nothing, candidates: short}
}

/** The flags that are not given yet, or may be again. */
function flagsOf({flags, given}: Pick<Line, 'flags' | 'given'>): Candidate[] {
  return Object.entries(flags).flatMap(([name, {summary: remark, multiple, hidden, allowNo}]) => {
    if (hidden || (!multiple && given.some(flag => flag.name === name))) return []
    const values = allowNo ? [`--${name}`, `--no-${name}`] : [`--${name}`]
    return values.map(value => ({value, remark}))
  })
}

/** The values of a flag. */
function ofFlag(name: string, current: string, line: Line, table: CompletionTable): Completions {
  const columns = table.commands[line.path.join(':')]?.columns ?? []
  const asCandidates = (values: readonly string[]) => values.map(value => ({value, remark: ''}))
  if (name === 'columns' || name === 'sort') {
    const chosen = current.split(',').slice(0, -1)
    const left = columns.filter(column => !chosen.some(one => one.split(':')[0] === column))
    const asSort = left.flatMap(column => [column, `${column}:desc`])
    const asColumns = chosen.length === 0 ? [...left, 'all'] : left
    return {
      ...nothing,
      prefix: chosen.map(column => `${column},`).join(''),
      candidates: asCandidates(name === 'sort' ? asSort : asColumns),
    }
  }
  const flag = line.flags[name]
  if (!flag) return nothing
  const given = line.given.flatMap(one => (one.name === name && one.value !== undefined ? one.value : []))
  return ofTaken(flag, line, table, given)
}

function ofTaken(
  {options = [], among, multiple, files}: Taken,
  line: Line,
  table: CompletionTable,
  given: readonly string[],
): Completions {
  return {
    ...nothing,
    candidates: options.map(value => ({value, remark: ''})),
    listings: among === undefined ? [] : listingOf(among, line, table),
    except: multiple ? given : [],
    files: files === true,
  }
}

/** The list with what it has to be told: its own arguments, which are called as what is typed already; none where one of them is missing. */
function listingOf(
  among: string,
  {path, values, connection}: Line,
  {commands}: CompletionTable,
): NamesListing[] {
  const words = among.split(' ')
  const list = words.slice(0, words.indexOf('--columns'))
  const args = Object.entries(commands[list.join(':')]?.args ?? {})
  const known = args.flatMap(([name]) => values.get(name) ?? [])
  if (args.some(([name, {required}]) => required && !values.has(name))) return []
  const [topic] = path
  return [
    {
      argv: [...words, ...connection, ...(known.length > 0 ? ['--', ...known] : [])],
      remark: list[0] === topic || !Object.hasOwn(commands, `${topic}:login`) ? undefined : topic,
    },
  ]
}
