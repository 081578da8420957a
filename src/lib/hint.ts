import {shellWord} from './shell-word.js'

/** A command of panelctl as a value: whoever runs one knows which flags lead to the same panel, and adds them here. */
export interface PanelctlCommand {
  /** The words of its name: `openidcs nat list`; none for the program itself. */
  readonly command: string
  /** As they are, not quoted. What a person has to fill in is a word in capitals: `NAME`. */
  readonly args: readonly string[]
  /** By name without dashes, in the order in which they are to stand; `true` for one without a value, several for one that is repeated. */
  readonly flags: Readonly<Record<string, string | true | readonly string[]>>
  /** What stands behind its `--`: a command with its arguments. */
  readonly behind?: readonly string[]
  /** The file that is its stdin. */
  readonly stdin?: string
  /** What reads its stdout, as a shell takes it: `jq .config`. */
  readonly pipe?: string
}

/** What to do next: a sentence, a command, or a sentence with commands in it. */
export type Hint = string | PanelctlCommand | readonly Hint[]

type FlagValue = string | number | boolean | undefined | readonly string[]

interface Typed {
  readonly flags?: Readonly<Record<string, FlagValue>>
  readonly behind?: readonly string[]
  readonly stdin?: string
  readonly pipe?: string
}

/** A command to type. Flags that are undefined or false are left out. */
export function panelctl(
  command: string,
  args: readonly (string | number)[] = [],
  {flags = {}, ...redirected}: Typed = {},
): PanelctlCommand {
  const given = Object.entries(flags).flatMap(
    ([name, value]): [string, string | true | readonly string[]][] => {
      if (value === undefined || value === false) return []
      return [[name, typeof value === 'number' ? String(value) : value]]
    },
  )
  return {command, args: args.map(String), flags: Object.fromEntries(given), ...redirected}
}

/** A sentence with commands in it: hint`look first: ${panelctl('nezha server list')}`. */
export function hint(texts: TemplateStringsArray, ...values: readonly (Hint | number)[]): Hint {
  return texts.flatMap((text, index): Hint[] => {
    const value = values[index]
    return [text, ...(value === undefined ? [] : [typeof value === 'number' ? String(value) : value])]
  })
}

function isSeveral(given: Hint): given is readonly Hint[] {
  return Array.isArray(given)
}

/** The same hint with each command in it replaced. */
export function mapCommands(given: Hint, change: (command: PanelctlCommand) => PanelctlCommand): Hint {
  if (typeof given === 'string') return given
  if (isSeveral(given)) return given.map(part => mapCommands(part, change))
  return change(given)
}

/** Whether this very part is somewhere in a hint. */
export function hasPart(given: Hint | undefined, part: Hint): boolean {
  return (
    given === part || (given !== undefined && isSeveral(given) && given.some(each => hasPart(each, part)))
  )
}

/** The same hint with something said behind this very part of it. */
export function saidAfter(given: Hint, part: Hint, more: Hint): Hint {
  if (given === part) return [given, more]
  // All else stays the very part that it was.
  return isSeveral(given) && hasPart(given, part) ? given.map(each => saidAfter(each, part, more)) : given
}

function commandText({command, args, flags, behind, stdin, pipe}: PanelctlCommand): string {
  const options = Object.entries(flags).flatMap(([name, value]) => {
    const dashed = name.length === 1 ? `-${name}` : `--${name}`
    return value === true ? [dashed] : [value].flat().flatMap(each => [dashed, shellWord(each)])
  })
  // Behind -- no word is a flag, whatever it begins with.
  const dashed = args.findIndex(each => /^-./.test(each))
  const [first, last] = dashed === -1 ? [args, []] : [args.slice(0, dashed), ['--', ...args.slice(dashed)]]
  const name = command === '' ? [] : [command]
  const words = ['panelctl', ...name, ...first.map(shellWord), ...options, ...last.map(shellWord)]
  if (behind !== undefined) words.push('--', ...behind.map(shellWord))
  if (stdin !== undefined) words.push('<', shellWord(stdin))
  if (pipe !== undefined) words.push('|', pipe)
  return words.join(' ')
}

/** A hint as a person reads and types it, each word quoted for a POSIX shell where it has to be. */
export function hintText(given: Hint): string {
  if (typeof given === 'string') return given
  if (isSeveral(given)) return given.map(hintText).join('')
  return commandText(given)
}
