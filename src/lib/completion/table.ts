import type {Command} from '../command/command.js'
import {globalFlags, panelFlags} from '../command/global-flags.js'
import type {Argument, Flag, Flags} from '../flags/flags.js'

/** What completion knows of a flag or an argument. */
export interface Taken {
  readonly summary: string
  readonly options?: readonly string[]
  readonly among?: string
  readonly multiple?: boolean
  readonly files?: true
}

type TakenFlag = Taken & Pick<Flag<unknown>, 'type' | 'char' | 'allowNo' | 'hidden'>

interface TakenCommand {
  readonly summary: string
  readonly args: Readonly<Record<string, Taken & Pick<Argument<unknown>, 'required' | 'behind' | 'asFlagOf'>>>
  /** Those that differ from the flags of every command. */
  readonly flags: Readonly<Record<string, TakenFlag>>
  readonly columns: readonly string[]
}

/** All that is completed without asking a panel. The build makes it from the commands, as JSON. */
export interface CompletionTable {
  readonly commands: Readonly<Record<string, TakenCommand>>
  /** The flags of every command. */
  readonly flags: Readonly<Record<string, TakenFlag>>
  /** Those of them that say which panel is asked, and how. */
  readonly connection: readonly string[]
  /** The groups of commands, `panel:server`, with what they are about; the build adds them from package.json. */
  readonly topics: Readonly<Record<string, string>>
  /** What `help` has pages about besides. */
  readonly pages: readonly string[]
  /** The environment variables that say which panel is asked, and as whom, besides those that begin with PANELCTL_. */
  readonly variables: readonly string[]
}

function taken({summary, options, among, multiple}: Flag<unknown> | Argument<unknown>): Taken {
  return {
    summary,
    ...(options && {options}),
    ...(among !== undefined && {among}),
    ...(multiple && {multiple}),
  }
}

function takenFlags(flags: Flags): Record<string, TakenFlag> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => {
      const {type, char, allowNo, hidden, helpValue} = flag
      return [
        name,
        {
          ...taken(flag),
          type,
          ...(char && {char}),
          ...(allowNo && {allowNo}),
          ...(hidden && {hidden}),
          ...(helpValue === '<file>' && {files: true as const}),
        },
      ]
    }),
  )
}

/** The table of these commands. */
export function completionTable(
  commands: Readonly<Record<string, Command>>,
  rest: Pick<CompletionTable, 'pages' | 'variables'>,
): Omit<CompletionTable, 'topics'> {
  const flags = takenFlags(globalFlags)
  const entries = Object.entries(commands).map(([id, command]): [string, TakenCommand] => {
    const own = Object.entries(takenFlags(command.flags)).filter(
      ([name, flag]) => JSON.stringify(flag) !== JSON.stringify(flags[name]),
    )
    const args = Object.entries(command.args).map(([name, argument]) => [
      name,
      {
        ...taken(argument),
        ...(argument.files && {files: true as const}),
        ...(argument.asFlagOf !== undefined && {asFlagOf: argument.asFlagOf}),
        ...(argument.required && {required: true}),
        ...(argument.behind && {behind: true as const}),
      },
    ])
    const {summary, columns} = command
    return [id, {summary, columns, args: Object.fromEntries(args), flags: Object.fromEntries(own)}]
  })
  return {
    ...rest,
    flags,
    connection: Object.keys(panelFlags).filter(
      name => !['timeout', 'retries', 'show-secrets'].includes(name),
    ),
    commands: Object.fromEntries(entries),
  }
}
