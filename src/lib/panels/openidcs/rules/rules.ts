import {PanelctlError} from '../../../errors.js'
import type {Flags, ValuesOf} from '../../../flags/flags.js'
import {type Hint, type PanelctlCommand, panelctl} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import type {Columns} from '../../../output/columns.js'
import {textOf} from '../loose-values.js'
import {type VmNames, vmArguments} from '../machine-arguments.js'
import {askOfVm} from '../vms-of-host.js'

// NAT, IP and proxy rules of a VM. The panel keeps them in lists, checks nothing, and addresses them by their position
// at this moment (contracts/openidcs.md trap 13). A kind says what tells it apart, and brings three commands: `ruleList`
// here, `ruleAdd` and `ruleDelete` beside.

/** A rule as this version of the panel tells it; its values are of whatever type somebody sent (trap 11). */
export type Told = Readonly<Record<string, unknown>>

/** A rule in the seed's names, and what a version adds. */
export type Rule = Told & {
  /** Its position in the list; null where it was not seen there. */
  readonly index: number | null
}

/** A rule that stands in the list. */
export interface Listed {
  readonly told: Told
  readonly rule: Rule
  readonly index: number
}

/** What a person says to mean one rule. */
export interface Meaning {
  /** `on port 8080` */
  readonly words: string
  means(rule: Rule): boolean
}

/** A rule that is to be added. */
export interface WantedRule {
  readonly meaning: Meaning
  /** What a person gave, by the flag; the panel may make something else of it. */
  readonly given: Readonly<Record<`--${string}`, Told>>
  /** What goes along: what was not given, and newer names. Either version takes what it knows and ignores the rest. */
  readonly along: Told
}

/** What this version makes of a rule, where that is more than a record. */
interface Traits {
  /** What stays the same while other rules come and go; else all of it. */
  readonly identity?: string
  /** What else its deletion brings, and what that leaves behind, in sentences. */
  readonly brings?: string
  readonly leaves?: string
}

/** How a command about rules runs; `--force` sends what may hit another VM. */
export interface RuleRun<F extends Flags> {
  readonly api: Api
  readonly args: VmNames
  readonly flags: ValuesOf<F> & {readonly force?: boolean; readonly 'if-exists'?: string}
  readonly speech: {note(text: string): void; warn(text: Hint): void}
}

export interface RuleKind<Adding extends Flags, Finding extends Flags> {
  /** What it is: `port forward`. */
  readonly noun: string
  readonly plural: string
  /** Where its commands are: `openidcs nat`. */
  readonly topic: string
  /** The seed's names, which are those of our JSON, and what newer versions call them. */
  readonly names: Readonly<Record<string, string>>
  /** What newer versions tell in another way than by another name. */
  derived?(told: Told): Told
  traits?(told: Told): Traits
  readonly columns: Columns<Rule>
  /** The field that a person knows it by. */
  readonly key: string
  /** What it is, for messages: `tcp 8080 to 192.168.1.10:80`. */
  describe(rule: Rule): string
  readonly adding: {
    readonly flags: Adding
    /** Those of them that name files; `wanted` gets the texts of these. */
    readonly files?: readonly string[]
    wanted(flags: ValuesOf<Adding>): WantedRule
  }
  /** The flags that mean one, of which the first has to be there, besides its position. */
  readonly finding: {readonly flags: Finding; meaning(flags: ValuesOf<Finding>): Meaning | undefined}
  read(api: Api, names: VmNames): Promise<readonly Told[]>
  add(api: Api, names: VmNames, body: Record<string, unknown>): Promise<unknown>
  remove(api: Api, names: VmNames, rule: Listed): Promise<unknown>
  /**
   * Refuses a change that may hit another VM, and warns of one that takes something from it; brings `--force`.
   * @param list rules of it as this version tells them
   * @param sent what is to be added, if anything is
   * @throws PanelctlError REJECTED
   */
  refuse?(run: RuleRun<Flags>, list: readonly Told[], sent?: Rule): Promise<void>
  /** What may be the reason where the panel refuses to add one, for a hint. */
  readonly refusedHint?: Hint
  /** What this version makes of one whatever it was given, by the flag, and what else, in sentences. */
  liberties?(listed: Listed, sent: Rule): readonly {flag?: string; words: string}[]
}

/** A kind as it is; here its types are inferred. */
export function ruleKind<Adding extends Flags, Finding extends Flags>(
  kind: RuleKind<Adding, Finding>,
): RuleKind<Adding, Finding> {
  return kind
}

type AnyKind = Pick<RuleKind<Flags, Flags>, 'names' | 'derived' | 'read' | 'noun' | 'describe'>

/**
 * A rule in the seed's names: what a version calls otherwise is renamed, what it leaves out is null, and what it adds
 * stays.
 */
function inSeedNames(
  {names, derived}: Pick<AnyKind, 'names' | 'derived'>,
  told: Told,
  index: number | null,
): Rule {
  const pairs = Object.entries(names)
  const own = pairs.map(([name, newer]) => [name, told[name] ?? told[newer] ?? null])
  // A name of the panel's own does not hide the position, which is what --index means.
  const taken = new Set(['index', ...pairs.flat()])
  const others = Object.entries(told).filter(([name]) => !taken.has(name))
  return {index, ...Object.fromEntries([...own, ...others]), ...derived?.(told)} as Rule
}

/** The rules of a VM in the order of their positions, which name them. */
export async function listed(api: Api, kind: AnyKind, names: VmNames): Promise<Listed[]> {
  const rules = await askOfVm(api, names, () => kind.read(api, names))
  return rules.map((told, index) => ({told, rule: inSeedNames(kind, told, index), index}))
}

/** The command that lists those of a VM. */
export function lookWithOf({topic}: {readonly topic: string}, {host, vm}: VmNames): PanelctlCommand {
  return panelctl(`${topic} list`, [host, vm])
}

/** What is wrong about a rule, with the list to look at. */
export function problem(
  code: 'NOT_FOUND' | 'REJECTED' | 'UNCERTAIN',
  message: string,
  hint: PanelctlCommand,
  reason?: 'exists' | 'missing',
): PanelctlError {
  return new PanelctlError(code, message, {hint, reason, panel: 'openidcs'})
}

/** What lists the rules of a VM. */
export function ruleList<Adding extends Flags, Finding extends Flags>(kind: RuleKind<Adding, Finding>) {
  return {
    args: vmArguments,
    noun: kind.plural,
    fetch: async ({api, args}: Pick<RuleRun<Flags>, 'api' | 'args'>) =>
      (await listed(api, kind, args)).map(({rule}) => rule),
    columns: kind.columns,
    id: (rule: Rule) => textOf(rule[kind.key]) ?? undefined,
  }
}
