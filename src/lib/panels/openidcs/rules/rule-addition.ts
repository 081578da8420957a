import {reworded} from '../../../errors.js'
import type {Flags} from '../../../flags/flags.js'
import {hint, panelctl} from '../../../hint.js'
import type {Unneeded} from '../../../outcome.js'
import {textOf} from '../loose-values.js'
import {forceFlags, machineTurn, vmArguments} from '../machine-arguments.js'
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
  type WantedRule,
} from './rules.js'

type Texts = Readonly<Record<string, string | undefined>>

function filled(fields: Told): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/**
 * The flags of which this version keeps nothing, and those of which the list has something else. What the rule is known
 * by is the same by its meaning, however it is spelt.
 */
function changesOf({given, meaning}: Pick<WantedRule, 'given' | 'meaning'>, rule: Rule, key: string) {
  const known = meaning.means(rule) ? key : undefined
  const named = Object.entries(given).map(([flag, fields]) => ({
    flag,
    fields: Object.entries(filled(fields)),
  }))
  const flagsWhere = (is: (field: [string, unknown]) => boolean) =>
    named.filter(({fields}) => fields.some(is)).map(({flag}) => flag)
  const isDropped = ([name]: [string, unknown]) => (rule[name] ?? null) === null
  return {
    dropped: flagsWhere(isDropped),
    changed: flagsWhere(
      ([name, value]) =>
        name !== known && !isDropped([name, value]) && JSON.stringify(rule[name]) !== JSON.stringify(value),
    ),
  }
}

/**
 * What adds a rule and gives it as the list shows it then. The panel would add a second one that is the same: one that
 * is there as it was asked for is left alone, another in its place is refused (REJECTED). UNCERTAIN where the list does not show it as it was given.
 * @param textsOf reads files, where the kind has flags that name some
 */
export function ruleAdd<Adding extends Flags, Finding extends Flags, Io>(
  kind: RuleKind<Adding, Finding>,
  textsOf?: (files: Texts, run: {readonly io: Io}) => Promise<Texts>,
) {
  const filesOf = (flags: Told): Texts =>
    Object.fromEntries((kind.adding.files ?? []).map(name => [name, textOf(flags[name]) ?? undefined]))

  async function perform(run: RuleRun<Adding> & {readonly io: Io}): Promise<Rule | Unneeded<Rule>> {
    const {api, args: names, speech} = run
    const wanted = kind.adding.wanted({...run.flags, ...(await textsOf?.(filesOf(run.flags), run))})
    const {meaning, given, along} = wanted
    const lookWith = lookWithOf(kind, names)
    const body = filled(Object.assign({...along}, ...Object.values(given).map(filled)))
    // For who cannot see it in the list.
    const fields = Object.keys(kind.names).map(name => [name, body[name] ?? null])
    const sent: Rule = {index: null, ...Object.fromEntries(fields)}
    const before = await listed(api, kind, names)
    const differenceOf = (one: Listed) => {
      const {dropped, changed} = changesOf(wanted, one.rule, kind.key)
      const liberties = kind.liberties?.(one, sent) ?? []
      const made = liberties.filter(({flag}) => flag === undefined || changed.includes(flag))
      return {dropped, made, others: changed.filter(flag => made.every(other => other.flag !== flag))}
    }
    const there = before.filter(({rule}) => meaning.means(rule))
    const same = there.find(one => differenceOf(one).others.length === 0)
    if (same) {
      const name = `the ${kind.noun} ${kind.describe(same.rule)}`
      return {result: same.rule, unneeded: `${names.vm} has ${name} already; nothing was sent`}
    }
    const [other] = there
    if (other) {
      const words = `${names.vm} has it already: index ${other.index} is the ${kind.noun} ${kind.describe(other.rule)}, with another ${differenceOf(other).others.join(', ')}; nothing was sent`
      if (run.flags['if-exists'] === 'skip') return {result: other.rule, unneeded: words}
      throw problem('REJECTED', words, lookWith, 'exists')
    }
    await kind.refuse?.(
      run,
      before.map(({told}) => told),
      sent,
    )
    const meantBy = (after: readonly Listed[]) => after.filter(({rule}) => meaning.means(rule))
    const twinsOf = (after: readonly Listed[]) =>
      meantBy(after).filter(one => differenceOf(one).others.length === 0)
    const {seen: after} = await settle({
      claim: `added the ${kind.noun} ${kind.describe(sent)}`,
      send: () => kind.add(api, names, body),
      look: () => listed(api, kind, names),
      // Where it said yes, it may have made something else of what was given.
      isDone: (after, failure) => (failure ? twinsOf : meantBy)(after).length > 0,
      done: 'the list has it',
      otherwise(after) {
        const [other] = meantBy(after)
        return other
          ? `the list has the ${kind.noun} ${kind.describe(other.rule)} (index ${other.index}) instead, which may be somebody else's`
          : `the list of ${names.vm} does not have it`
      },
      lookWith,
      looksAfter: () => true,
      refused(failure, isDone) {
        const why = failure.code === 'REJECTED' ? (failure.hint ?? kind.refusedHint) : undefined
        return isDone || why === undefined ? failure : reworded(failure, {hint: why})
      },
      warn: speech.warn,
    })
    if (!after) return sent
    const twins = twinsOf(after)
    const [added] = twins
    const found = added ?? meantBy(after)[0]
    if (!found) return sent
    const last = twins.at(-1)
    if (last && last !== added) {
      const {host, vm} = names
      const remove = panelctl(`${kind.topic} delete`, [host, vm], {flags: {index: last.index}})
      speech.warn(
        hint`${vm} has it ${twins.length} times now (index ${twins.map(({index}) => index).join(', ')}), as somebody added the same at the same time: ${remove}`,
      )
    }
    const {dropped, made, others} = differenceOf(found)
    if (dropped.length > 0) speech.warn(`this version of the panel keeps no ${dropped.join(', ')}`)
    for (const {flag, words} of made) speech.warn(flag === undefined ? words : `${flag}: ${words}`)
    if (others.length > 0) speech.warn(`the panel made something else of ${others.join(', ')}`)
    return found.rule
  }

  return {
    args: vmArguments,
    flags: {...kind.adding.flags, ...(kind.refuse && forceFlags)},
    turn: ({args}: Pick<RuleRun<Flags>, 'args'>) => machineTurn(args),
    perform,
    columns: kind.columns,
    id: (rule: Rule) => textOf(rule[kind.key]) ?? '',
    done: ({args}: Pick<RuleRun<Flags>, 'args'>, rule: Rule) =>
      `added the ${kind.noun} ${kind.describe(rule)} of ${args.vm}`,
  }
}
