import {type PanelctlError, reworded} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {afterLook, doneAfterAll, lookOnce, notAsSaid, sendOnce} from '../settle.js'
import {
  type Changing,
  type Listed,
  listed,
  look,
  type Meaning,
  type Place,
  problem,
  type Rule,
  type RuleKind,
  type Told,
} from './rules.js'

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
