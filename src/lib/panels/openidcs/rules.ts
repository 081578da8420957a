import {PanelctlError, reworded, usageError} from '../../errors.js'
import type {PanelctlCommand} from '../../hint.js'
import {type Api, DryRun} from '../../http/client.js'
import {fillCommand} from '../../http/endpoint.js'
import {redactBody} from '../../http/redact.js'
import {afterLook, doneAfterAll, lookOnce, notAsSaid, sendOnce} from './settle.js'

// NAT, IP and proxy rules of a VM. The panel keeps them in lists, checks nothing, and addresses them by their position
// at this moment (contracts/openidcs.md trap 13). What they have in common is here; what tells them apart in `nat.ts`,
// `addresses.ts` and `proxies.ts`.

/** Whose rules. */
export interface Place {
  readonly host: string
  readonly vm: string
}

/** A rule in the seed's names, and what a version adds; its values are of whatever type somebody sent (trap 11). */
export type Rule<Field extends string = never> = Readonly<Record<Field, unknown>> &
  Told & {
    /** Its position in the list; null where it was not seen there. */
    readonly index: number | null
  }

/** A rule as this version of the panel tells it. */
export type Told = Readonly<Record<string, unknown>>

export interface RuleKind<Shown extends Rule> {
  /** What it is: `port forward`. */
  readonly noun: string
  readonly plural: string
  readonly lookWith: string
  read(api: Api, place: Place): Promise<readonly Told[]>
  /** In the seed's names, whatever the version. */
  show(told: Told, index: number): Shown
  add(api: Api, place: Place, body: Record<string, unknown>): Promise<unknown>
  remove(api: Api, place: Place, rule: Listed<Shown>): Promise<unknown>
  /** What it is, for messages: `tcp 8080 to 192.168.1.10:80`. */
  describe(rule: Shown): string
  /** What else it brings to delete it, in a sentence. */
  consequence?(told: Told): string | undefined
  /** What this version is known to leave behind of a rule that it deleted. */
  remains?(told: Told): string | undefined
  /** What may be the reason where the panel refuses to add one, for a hint. */
  readonly refusedHint?: string
  /**
   * Refuses a change that may hit another VM.
   * @param list rules of it as this version tells them
   * @throws PanelctlError REJECTED
   */
  refuse?(api: Api, place: Place, list: readonly Told[], force: boolean): Promise<void>
  /** What the list has of a rule besides what was to be added, in a sentence. */
  besides?(listed: Shown, sent: Shown): string | undefined
  /** The flags that give its fields, where they are not called so. */
  readonly flags: Readonly<Record<string, string>>
  /** What this version makes of a field whatever it was given, in a sentence; undefined where it takes what is given. */
  makesUp?(name: string, told: Told): string | undefined
  /** What stays the same while other rules come and go; else all of it. */
  identity?(told: Told): string | undefined
}

/** A rule that stands in the list. */
export interface Listed<Shown extends Rule> {
  readonly told: Told
  readonly shown: Shown
  readonly index: number
}

/**
 * A rule in the seed's names: what a version calls otherwise is renamed, what it leaves out is null, and what it adds
 * stays.
 */
export function inSeedNames<Field extends string>(
  told: Told,
  index: number,
  newerNames: Readonly<Record<Field, string>>,
): Rule<Field> {
  const names = Object.entries<string>(newerNames)
  const own = names.map(([name, newer]) => [name, told[name] ?? told[newer] ?? null])
  // A name of the panel's own does not hide the position, which is what --index means.
  const taken = new Set(['index', ...names.flat()])
  const others = Object.entries(told).filter(([name]) => !taken.has(name))
  return {index, ...Object.fromEntries([...own, ...others])} as Rule<Field>
}

function problem(
  code: 'NOT_FOUND' | 'REJECTED' | 'UNCERTAIN',
  message: string,
  kind: Pick<RuleKind<Rule>, 'lookWith'>,
  place: Place,
): PanelctlError {
  return new PanelctlError(code, message, {hint: look(kind, place), panel: 'openidcs'})
}

function look({lookWith}: Pick<RuleKind<Rule>, 'lookWith'>, place: Place): PanelctlCommand {
  return fillCommand(lookWith, {...place})
}

async function listed<Shown extends Rule>(
  api: Api,
  kind: RuleKind<Shown>,
  place: Place,
): Promise<Listed<Shown>[]> {
  const rules = await kind.read(api, place)
  return rules.map((told, index) => ({told, shown: kind.show(told, index), index}))
}

/** The rules of a VM in the order of their positions, which name them. */
export async function readRules<Shown extends Rule>(
  api: Api,
  kind: RuleKind<Shown>,
  place: Place,
): Promise<Shown[]> {
  return (await listed(api, kind, place)).map(({shown}) => shown)
}

/** What a person says to mean one rule. */
export interface Meaning<Shown extends Rule> {
  /** `on port 8080` */
  readonly words: string
  means(rule: Shown): boolean
}

export interface Choice<Shown extends Rule> {
  readonly index: number | undefined
  readonly meaning: Meaning<Shown> | undefined
  /** The flag that means one: `--port`. */
  readonly flag: string
  /** The flag that tells apart what that one means: `--protocol`. */
  readonly narrower?: string | undefined
}

/**
 * The one rule that is meant, by what it is, by its position, or by both, which have to agree.
 * @throws PanelctlError USAGE where nothing was said or several are meant, NOT_FOUND where none is
 */
export async function findRule<Shown extends Rule>(
  api: Api,
  kind: RuleKind<Shown>,
  place: Place,
  {index, meaning, flag, narrower}: Choice<Shown>,
): Promise<Listed<Shown>> {
  if (index === undefined && meaning === undefined) {
    throw usageError(`which ${kind.noun}?`, `say it with ${flag} or --index`)
  }
  const rules = await listed(api, kind, place)
  const found = rules.filter(
    rule =>
      (index === undefined || rule.index === index) && (meaning === undefined || meaning.means(rule.shown)),
  )
  const [rule] = found
  if (rule && found.length === 1) return rule
  const words = [meaning?.words, index === undefined ? undefined : `at index ${index}`].filter(Boolean)
  if (!rule) throw problem('NOT_FOUND', `${place.vm} has no ${kind.noun} ${words.join(' ')}`, kind, place)
  const candidates = found.map(({index: at, shown}) => `index ${at} is ${kind.describe(shown)}`)
  throw usageError(
    `${place.vm} has ${found.length} ${kind.plural} ${words.join(' ')}: ${candidates.join('; ')}`,
    `add --index to say which${narrower === undefined ? '' : `, or ${narrower}`}`,
  )
}

function allOf(told: Told): string {
  return JSON.stringify(Object.entries(told).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** The items that are more often in `some` than in `others`. */
function without<Item>(
  some: readonly Item[],
  others: readonly Item[],
  keyOf: (item: Item) => string,
): Item[] {
  const counts = new Map<string, number>()
  for (const other of others) counts.set(keyOf(other), (counts.get(keyOf(other)) ?? 0) + 1)
  return some.filter(item => {
    const count = counts.get(keyOf(item)) ?? 0
    counts.set(keyOf(item), count - 1)
    return count <= 0
  })
}

export interface Removal<Shown extends Rule> {
  readonly deleted: Shown
  /** The rules that are left; null where the list could not be read again. */
  readonly left: readonly Shown[] | null
}

interface Speaking {
  note(text: string): void
  warn(text: string): void
}

interface Changing {
  readonly speech: Speaking
  /** Send it although it may hit another VM. */
  readonly force?: boolean
}

/**
 * Deletes a rule that was found: reads the list once more and takes the position that the very same rule has now, sends
 * one DELETE, ever, and reads the list again.
 * @throws PanelctlError NOT_FOUND where the rule went meanwhile; UNCERTAIN where the list does not show that this rule
 * and no other is gone
 * @throws DryRun with the rule besides the request, which has nothing but its position
 */
export async function removeRule<Shown extends Rule>(
  api: Api,
  kind: RuleKind<Shown>,
  place: Place,
  found: Listed<Shown>,
  {speech: {note, warn}, force = false}: Changing,
): Promise<Removal<Shown>> {
  const before = await listed(api, kind, place)
  const same = before.filter(({told}) => allOf(told) === allOf(found.told))
  const target = same.find(({index}) => index === found.index) ?? same[0]
  if (!target) {
    const name = nameOf(kind, place, found)
    throw problem('NOT_FOUND', `${name} is not there any more as it was, and nothing was sent`, kind, place)
  }
  await kind.refuse?.(api, place, [target.told], force)
  const {failure} = await sendOnce({
    lookWith: look(kind, place),
    async send() {
      try {
        await kind.remove(api, place, target)
      } catch (error) {
        if (!(error instanceof DryRun)) throw error
        throw new DryRun(error.request, {...error.request, rule: redactBody(target.shown)})
      }
    },
  })
  const after = await lookOnce(
    () => listed(api, kind, place),
    error => {
      if (!failure) warn(`it was deleted, but what is left cannot be told: ${error.message}`)
    },
  )
  if (!after && failure) throw failure
  if (after) checkRemoval(kind, place, {before, target, failure, after})
  if (failure) note(doneAfterAll(failure, 'the list shows that it was done'))
  const remains = kind.remains?.(target.told)
  if (remains !== undefined) warn(remains)
  return {deleted: target.shown, left: after?.map(({shown}) => shown) ?? null}
}

function nameOf<Shown extends Rule>(kind: RuleKind<Shown>, {vm}: Place, {shown}: Listed<Shown>): string {
  return `the ${kind.noun} ${kind.describe(shown)} of ${vm}`
}

interface Deleting<Shown extends Rule> {
  readonly before: readonly Listed<Shown>[]
  readonly target: Listed<Shown>
  readonly failure: PanelctlError | undefined
  readonly after: readonly Listed<Shown>[]
}

/** Returns where the list shows that the rule that was meant is gone, and no other, as the panel did not refuse. */
function checkRemoval<Shown extends Rule>(
  kind: RuleKind<Shown>,
  place: Place,
  {before, target, failure, after}: Deleting<Shown>,
): void {
  const name = nameOf(kind, place, target)
  const keyOf = ({told}: Listed<Shown>) => kind.identity?.(told) ?? allOf(told)
  const gone = without(before, after, keyOf)
  const isGone = gone.some(rule => keyOf(rule) === keyOf(target))
  const lost = without(gone, [target], keyOf)
  const isRefused = failure && failure.code !== 'UNCERTAIN'
  // Whatever the answer was: the one that nobody wanted to lose is what is to be known.
  if (lost.length > 0) {
    const others = lost.map(({shown}) => kind.describe(shown)).join('; ')
    const answer = isRefused ? `${failure.message}; ` : ''
    throw problem(
      'UNCERTAIN',
      `${answer}${place.vm} lost what was not to be deleted: ${others}. Somebody changed the list at the same time; ${name} is ${isGone ? 'gone as well' : 'still there'}`,
      kind,
      place,
    )
  }
  if (isRefused) {
    // Why the panel refuses may have a hint of its own; that there is no such rule has not.
    if (!isGone && failure.code === 'REJECTED') throw failure
    if (!isGone) throw reworded(failure, {hint: look(kind, place)})
    throw afterLook(failure, `${name} is gone from the list all the same`, look(kind, place))
  }
  if (isGone) return
  if (!failure) {
    throw notAsSaid(`the panel said that it deleted ${name}, but the list still has it`, look(kind, place))
  }
  throw afterLook(failure, 'the list still has it', look(kind, place))
}

const MANY = 5

/** What was deleted and what is left, in a sentence. */
export function removalWords<Shown extends Rule>(
  kind: RuleKind<Shown>,
  {vm}: Place,
  {deleted, left}: Removal<Shown>,
): string {
  const done = `deleted the ${kind.noun} ${kind.describe(deleted)} of ${vm}`
  if (left === null) return done
  const named = left.slice(0, MANY).map(kind.describe)
  const more = left.length > MANY ? `; and ${left.length - MANY} more` : ''
  return `${done}; ${left.length === 0 ? 'none is left' : `left: ${named.join('; ')}${more}`}`
}

/** The question before a deletion. */
export function removalQuestion<Shown extends Rule>(
  kind: RuleKind<Shown>,
  {vm}: Place,
  {told, shown, index}: Listed<Shown>,
): string {
  const question = `Delete the ${kind.noun} ${kind.describe(shown)} (index ${index}) of ${vm}?`
  return [kind.consequence?.(told), question].filter(Boolean).join(' ')
}

/** A rule that is to be added. */
export interface Wanted<Shown extends Rule> {
  readonly meaning: Meaning<Shown>
  /** In the seed's names and the newer ones: either version takes what it knows and ignores the rest. */
  readonly body: Told
  /** What a person gave of it, by the names of a list; what the panel makes of it may be something else. */
  readonly given: Told
  /** The rule as it was sent, for who cannot see it in the list. */
  readonly sent: Shown
}

function filled(body: Told): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

interface Changes {
  /** The given fields that this version does not keep. */
  readonly dropped: readonly string[]
  /** The given fields that are something else in the list. */
  readonly changed: readonly string[]
}

function changesOf(given: Told, shown: Told): Changes {
  const names = Object.keys(filled(given))
  const dropped = names.filter(name => (shown[name] ?? null) === null)
  const changed = names.filter(
    name => !dropped.includes(name) && JSON.stringify(shown[name]) !== JSON.stringify(given[name]),
  )
  return {dropped, changed}
}

/** Says by their flags what became of the fields that are not in the list as they were given. */
function warnOfChanges<Shown extends Rule>(
  kind: RuleKind<Shown>,
  given: Told,
  {told, shown}: Listed<Shown>,
  warn: (text: string) => void,
): void {
  const {dropped, changed} = changesOf(given, shown)
  const flagOf = (name: string) => `--${kind.flags[name] ?? name.replaceAll('_', '-')}`
  const flagsOf = (names: readonly string[]) => [...new Set(names.map(flagOf))].join(', ')
  if (dropped.length > 0) warn(`this version of the panel keeps no ${flagsOf(dropped)}`)
  const others = changed.filter(name => kind.makesUp?.(name, told) === undefined)
  for (const name of changed) {
    const made = kind.makesUp?.(name, told)
    if (made !== undefined) warn(`${flagOf(name)}: ${made}`)
  }
  if (others.length > 0) warn(`the panel made something else of ${flagsOf(others)}`)
}

/**
 * Adds a rule and gives it as the list shows it then. The panel would add a second one that is the same: one that is
 * there is refused here.
 * @throws PanelctlError REJECTED where it is there already; UNCERTAIN where the list does not show it as it was given
 */
export async function addRule<Shown extends Rule>(
  api: Api,
  kind: RuleKind<Shown>,
  place: Place,
  {meaning, body, given, sent: asSent}: Wanted<Shown>,
  {speech: {note, warn}, force = false}: Changing,
): Promise<Shown> {
  const before = await listed(api, kind, place)
  const there = before.find(({shown}) => meaning.means(shown))
  if (there) {
    throw problem(
      'REJECTED',
      `${place.vm} has it already: index ${there.index} is the ${kind.noun} ${kind.describe(there.shown)}; nothing was sent`,
      kind,
      place,
    )
  }
  await kind.refuse?.(
    api,
    place,
    before.map(({told}) => told),
    force,
  )
  const {failure} = await sendOnce({
    lookWith: look(kind, place),
    send: () => kind.add(api, place, filled(body)),
  })
  const after = await lookOnce(
    () => listed(api, kind, place),
    error => {
      if (!failure) warn(`it was added, but the list cannot be read: ${error.message}`)
    },
  )
  const candidates = (after ?? []).filter(({shown}) => meaning.means(shown))
  const isAsGiven = ({told, shown}: Listed<Shown>) =>
    changesOf(given, shown).changed.every(name => kind.makesUp?.(name, told) !== undefined)
  const added = candidates.find(isAsGiven)
  if (failure) {
    if (!added) throw notAdded(kind, place, failure, candidates)
    if (failure.code !== 'UNCERTAIN') {
      throw afterLook(failure, 'the list has it all the same', look(kind, place))
    }
    note(doneAfterAll(failure, 'the list shows that it was done'))
  }
  if (!after) return asSent
  // Where it said yes, it may have made something else of what was given.
  const listedNow = added ?? candidates[0]
  if (!listedNow) {
    throw notAsSaid(
      `the panel said that it added the ${kind.noun} ${kind.describe(asSent)}, but the list of ${place.vm} does not have it`,
      look(kind, place),
    )
  }
  warnOfChanges(kind, given, listedNow, warn)
  const besides = kind.besides?.(listedNow.shown, asSent)
  if (besides !== undefined) warn(besides)
  return listedNow.shown
}

/** What is said of a write that brought no success, where the list does not have what it was to add. */
function notAdded<Shown extends Rule>(
  kind: RuleKind<Shown>,
  place: Place,
  failure: PanelctlError,
  [other]: readonly Listed<Shown>[],
): PanelctlError {
  if (failure.code === 'UNCERTAIN' && other) {
    return afterLook(
      failure,
      `the list has the ${kind.noun} ${kind.describe(other.shown)} (index ${other.index}) instead, which may be somebody else's`,
      look(kind, place),
    )
  }
  const why = failure.code === 'REJECTED' ? (failure.hint ?? kind.refusedHint) : undefined
  return why === undefined ? failure : reworded(failure, {hint: why})
}
