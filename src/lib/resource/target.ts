import {PanelctlError, type Reason} from '../errors.js'
import {panelctl} from '../hint.js'
import type {Api} from '../http/client.js'
import {didYouMean} from '../nearest-names.js'

/** A thing as others name it. */
export interface Named {
  readonly id: string | number
  readonly name: string
}

/** What fields of other things lead to. */
export interface Referenced {
  readonly noun: string
  /** The command that lists them: `panel server list`. */
  readonly list: string
  /** Its column of ids, where that is not `id`. */
  readonly idColumn?: string
  named(api: Api): Promise<readonly Named[]>
  readonly limit?: Limit | undefined
}

/** Why the credential is told of some alone. Where it is told of all, as without this, what is in no list is gone. */
export type Limit = (api: Api) => Promise<PanelctlError | undefined>

/** All there are of what a field leads to, once they are read. */
export type Lookup = (target: Referenced) => readonly Named[]

/** What stands on a command line: a number is an id first, as lists print it for the next command. */
export function typed(word: string): string | number {
  return /^[1-9]\d*$/.test(word) && Number.isSafeInteger(Number(word)) ? Number(word) : word
}

/** A shorter beginning of an id is as likely a misspelt name: `db` and `ad` are hexadecimal. */
const SHORTEST_BEGINNING = 4

/** Those whose id, a text, begins so. */
export function begunWith<Row>(
  rows: readonly Row[],
  text: string,
  idOf: (row: Row) => string | number,
): readonly Row[] {
  if (text.length < SHORTEST_BEGINNING) return []
  return rows.filter(row => {
    const id = idOf(row)
    return typeof id === 'string' && id.startsWith(text.toLowerCase())
  })
}

/** The one that a reference means, undefined where there is none, or several have that name. */
function oneOf<One extends Named>(rows: readonly One[], reference: string | number): One | undefined {
  const text = String(reference)
  const known = rows.find(({id}) => String(id) === text)
  const named = rows.filter(({name}) => name === text)
  // A name that is somebody else's id is meant only where it stands in quotes, in a file.
  const isId = typeof reference === 'number' || named.length === 0 || known === named[0]
  if (known && isId) return known
  const matches = named.length > 0 ? named : begunWith(rows, text, ({id}) => id)
  return matches.length === 1 ? matches[0] : undefined
}

/** Those of the words on a command line that mean what none before them does, as a name and then its id do. */
export function eachOnce<Word extends {readonly name?: string}>(
  words: readonly Word[],
  rows: readonly Named[],
): Word[] {
  const meanings = words.map(({name = ''}) => oneOf(rows, typed(name)))
  return words.filter((_word, index) => {
    const meaning = meanings[index]
    return meaning === undefined || meanings.indexOf(meaning) === index
  })
}

/**
 * The one that a person means: by its number, or by its unique name. A text that no name is may be the id, or its unique beginning.
 * @throws PanelctlError NOT_FOUND, or USAGE where several have that name
 */
export function meant<One extends Named>(
  rows: readonly One[],
  reference: string | number,
  {
    noun,
    list,
    reason,
    besides = [],
  }: Pick<Referenced, 'noun' | 'list'> & {
    readonly reason?: Reason | undefined
    /** What is named along with it, and so is not what it is a slip of. */
    readonly besides?: readonly (string | number)[]
  },
): One {
  const one = oneOf(rows, reference)
  if (one) return one
  const text = String(reference)
  const named = rows.filter(({name}) => name === text)
  const panel = list.split(' ')[0]
  const several = named.length > 0 ? named : begunWith(rows, text, ({id}) => id)
  if (several.length > 0) {
    const ids = several.map(({id}) => id).join(', ')
    const how = named.length > 0 ? 'are called' : 'have an id that begins with'
    throw new PanelctlError('USAGE', `${several.length} ${noun}s ${how} "${text}": ${ids}`, {
      hint: 'give the id',
      panel,
    })
  }
  const others = besides.map(other => oneOf(rows, other))
  const names = rows.filter(row => !others.includes(row)).map(({name}) => name)
  throw new PanelctlError('NOT_FOUND', `there is no ${noun} "${text}"`, {
    hint: didYouMean(text, names, panelctl(list)),
    reason,
    panel,
  })
}

/** How another thing is shown: by its name, by its id where that is no name of it alone. */
export function nameOf(id: string | number, rows: readonly Named[]): string | number {
  const name = rows.find(one => one.id === id)?.name ?? ''
  const isPlain =
    name !== '' && rows.every(one => one.id === id || (one.name !== name && String(one.id) !== name))
  return isPlain ? name : id
}
