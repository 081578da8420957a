import {reworded, usageError} from '../../../errors.js'
import {type Flags, flag} from '../../../flags/flags.js'
import {DryRun} from '../../../http/dry-run.js'
import {redactBody} from '../../../http/redact.js'
import {forceFlags, machineTurn, type VmNames, vmArguments} from '../machine-arguments.js'
import {settle} from '../settle.js'
import {
  type Listed,
  listed,
  lookWithOf,
  problem,
  type Rule,
  type RuleKind,
  type RuleRun,
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

const indexFlag = {index: flag.integer({summary: 'position in the list, as the list shows it'})}

const MANY = 5

interface Removal {
  readonly deleted: Rule
  /** The rules that are left; null where the list could not be read again. */
  readonly left: readonly Rule[] | null
}

/**
 * What deletes one rule: reads the list once more and takes the position that the very same rule has now, sends one
 * DELETE, ever, and reads the list again.
 */
export function ruleDelete<Adding extends Flags, Finding extends Flags>(kind: RuleKind<Adding, Finding>) {
  const nameOf = ({vm}: VmNames, rule: Rule) => `the ${kind.noun} ${kind.describe(rule)} of ${vm}`

  /**
   * The one rule that is meant, by what it is, by its position, or by both, which have to agree.
   * @throws PanelctlError USAGE where nothing was said or several are meant, NOT_FOUND where none is
   */
  async function prepare({api, args, flags}: RuleRun<Finding & typeof indexFlag>): Promise<Listed> {
    const {index} = flags
    const meaning = kind.finding.meaning(flags)
    const [by, ...narrower] = Object.keys(kind.finding.flags)
    if (index === undefined && meaning === undefined) {
      throw usageError(`which ${kind.noun}?`, `say it with --${by} or --index`)
    }
    const found = (await listed(api, kind, args)).filter(
      one => (index === undefined || one.index === index) && (meaning?.means(one.rule) ?? true),
    )
    const [one] = found
    if (one && found.length === 1) return one
    const words = [meaning?.words, index === undefined ? undefined : `at index ${index}`].filter(Boolean)
    if (!one) {
      throw problem(
        'NOT_FOUND',
        `${args.vm} has no ${kind.noun} ${words.join(' ')}`,
        lookWithOf(kind, args),
        'missing',
      )
    }
    const candidates = found.map(({index: at, rule}) => `index ${at} is ${kind.describe(rule)}`)
    throw usageError(
      `${args.vm} has ${found.length} ${kind.plural} ${words.join(' ')}: ${candidates.join('; ')}`,
      [
        'add --index to say which',
        ...narrower.filter(name => flags[name] === undefined).map(name => `, or --${name}`),
      ].join(''),
    )
  }

  /**
   * @throws PanelctlError NOT_FOUND where the rule went meanwhile; UNCERTAIN where the list does not show that this rule
   * and no other is gone
   * @throws DryRun with the rule besides the request, which has nothing but its position
   */
  async function perform(run: RuleRun<Flags>, found: Listed): Promise<Removal> {
    const {api, args: names, speech} = run
    const lookWith = lookWithOf(kind, names)
    const before = await listed(api, kind, names)
    const same = before.filter(({told}) => allOf(told) === allOf(found.told))
    const target = same.find(({index}) => index === found.index) ?? same[0]
    const name = nameOf(names, found.rule)
    if (!target) {
      throw problem(
        'NOT_FOUND',
        `${name} is not there any more as it was, and nothing was sent`,
        lookWith,
        'missing',
      )
    }
    await kind.refuse?.(run, [target.told])
    const keyOf = ({told}: Pick<Listed, 'told'>) => kind.traits?.(told).identity ?? allOf(told)
    const goneFrom = (after: readonly Listed[]) => surplus(before, after, keyOf)
    const isGoneFrom = (after: readonly Listed[]) => goneFrom(after).some(one => keyOf(one) === keyOf(found))
    const {seen: after} = await settle({
      claim: `deleted ${name}`,
      async send() {
        try {
          await kind.remove(api, names, target)
        } catch (error) {
          if (!(error instanceof DryRun)) throw error
          throw new DryRun(error.request, {...error.request, rule: redactBody(target.rule)})
        }
      },
      look: () => listed(api, kind, names),
      isDone(after, failure) {
        const isGone = isGoneFrom(after)
        const lost = surplus(goneFrom(after), [found], keyOf)
        if (lost.length === 0) return isGone
        // Whatever the answer was: the one that nobody wanted to lose is what is to be known.
        const others = lost.map(({rule}) => kind.describe(rule)).join('; ')
        const answer = failure && failure.code !== 'UNCERTAIN' ? `${failure.message}; ` : ''
        throw problem(
          'UNCERTAIN',
          `${answer}${names.vm} lost what was not to be deleted: ${others}. Somebody changed the list at the same time; ${name} is ${isGone ? 'gone as well' : 'still there'}`,
          lookWith,
        )
      },
      done: `${name} is gone from the list`,
      otherwise: () => 'the list still has it',
      lookWith,
      looksAfter: () => true,
      // Why the panel refuses may have a hint of its own; that there is no such rule has not.
      refused: (failure, isDone) =>
        isDone !== false || failure.code === 'REJECTED' ? failure : reworded(failure, {hint: lookWith}),
      warn: speech.warn,
    })
    const {leaves} = kind.traits?.(target.told) ?? {}
    if (leaves !== undefined) speech.warn(leaves)
    return {deleted: target.rule, left: after?.map(({rule}) => rule) ?? null}
  }

  return {
    args: vmArguments,
    flags: {...kind.finding.flags, ...indexFlag, ...(kind.refuse && forceFlags)},
    turn: ({args}: Pick<RuleRun<Flags>, 'args'>) => machineTurn(args),
    removes: true as const,
    prepare,
    confirm({args}: Pick<RuleRun<Flags>, 'args'>, {told, rule, index}: Listed) {
      const question = `Delete the ${kind.noun} ${kind.describe(rule)} (index ${index}) of ${args.vm}?`
      return [kind.traits?.(told).brings, question].filter(Boolean).join(' ')
    },
    perform,
    done({args}: Pick<RuleRun<Flags>, 'args'>, {deleted, left}: Removal) {
      const done = `deleted ${nameOf(args, deleted)}`
      if (left === null) return done
      const named = left.slice(0, MANY).map(kind.describe)
      const more = left.length > MANY ? `; and ${left.length - MANY} more` : ''
      return `${done}; ${left.length === 0 ? 'none is left' : `left: ${named.join('; ')}${more}`}`
    },
  }
}
