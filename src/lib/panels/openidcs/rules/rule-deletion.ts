import {type PanelctlError, reworded} from '../../../errors.js'
import type {Api} from '../../../http/client.js'
import {DryRun} from '../../../http/dry-run.js'
import {redactBody} from '../../../http/redact.js'
import {afterLook, doneAfterAll, lookOnce, notAsSaid, sendOnce} from '../settle.js'
import {
  type Changing,
  type Listed,
  listed,
  look,
  type Place,
  problem,
  type Rule,
  type RuleKind,
  type Told,
} from './rules.js'

function allOf(told: Told): string {
  return JSON.stringify(Object.entries(told).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** The items that are more often in `some` than in `others`. */
function surplus<Item>(
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
  const gone = surplus(before, after, keyOf)
  const isGone = gone.some(rule => keyOf(rule) === keyOf(target))
  const lost = surplus(gone, [target], keyOf)
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
