import {PanelctlError, usageError} from '../../../errors.js'
import type {PanelctlCommand} from '../../../hint.js'
import type {Api} from '../../../http/client.js'
import {fillCommand} from '../../../http/endpoint.js'

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

/** What is wrong about a rule, with the list to look at. */
export function problem(
  code: 'NOT_FOUND' | 'REJECTED' | 'UNCERTAIN',
  message: string,
  kind: Pick<RuleKind<Rule>, 'lookWith'>,
  place: Place,
): PanelctlError {
  return new PanelctlError(code, message, {hint: look(kind, place), panel: 'openidcs'})
}

/** The command that lists the rules of a VM. */
export function look({lookWith}: Pick<RuleKind<Rule>, 'lookWith'>, place: Place): PanelctlCommand {
  return fillCommand(lookWith, {...place})
}

/** The rules of a VM as this version tells them, and in the seed's names. */
export async function listed<Shown extends Rule>(
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

interface Speaking {
  note(text: string): void
  warn(text: string): void
}

/** How a change of rules speaks, and whether it is forced. */
export interface Changing {
  readonly speech: Speaking
  /** Send it although it may hit another VM. */
  readonly force?: boolean
}
