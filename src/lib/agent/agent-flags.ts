import {usageError} from '../errors.js'
import type {Hint} from '../hint.js'

/** What the value of an agent's flag is: how it looks, in words, and one as an example. */
export interface AgentFlagValue {
  readonly pattern: RegExp
  readonly words: string
  readonly example: string
}

/** The flags of an agent that may be set where its install script runs, by their long names. */
export interface AgentFlags {
  /** `agent 0.20.5`. */
  readonly agent: string
  readonly flags: Readonly<Record<string, 'alone' | AgentFlagValue>>
  /** The long names of short ones. */
  readonly short: Readonly<Record<string, string>>
  /** Those that are set in another way, and in which. */
  readonly own: Readonly<Record<string, string>>
  /** Those that are not set at all: what is wrong with them, and what to do instead. */
  readonly refused?: Readonly<Record<string, {readonly why: string; readonly instead: Hint}>>
}

/**
 * The words of one `--agent-flag`: `skip-conn`, `--skip-conn`, `report-delay=2` or `--report-delay 2`.
 * @throws PanelctlError USAGE for a flag that the agent does not know, or that would be lost on the way
 */
export function agentFlagWords(known: AgentFlags, text: string): string[] {
  const of = <Value>(table: Readonly<Record<string, Value>> | undefined, key: string) =>
    table && Object.hasOwn(table, key) ? table[key] : undefined
  const [, word = '', value] = /^-{0,2}([^=\s]*)(?:[=\s]\s*(.*))?$/s.exec(text.trim()) ?? []
  const name = of(known.short, word) ?? word
  const own = of(known.own, name)
  if (own !== undefined) throw usageError(`--agent-flag: ${name} is not set this way`, `use ${own}`)
  const refused = of(known.refused, name)
  if (refused) throw usageError(`--agent-flag: ${refused.why}`, refused.instead)
  const takes = of(known.flags, name)
  if (takes === undefined) {
    throw usageError(
      `--agent-flag: ${known.agent} has no flag "${text}"`,
      `it has ${Object.keys(known.flags).join(', ')}`,
    )
  }
  if (takes === 'alone') {
    if (value !== undefined) throw usageError(`--agent-flag: ${name} takes no value`)
    return [`--${name}`]
  }
  if (value === undefined || !takes.pattern.test(value)) {
    throw usageError(`--agent-flag: ${name} needs ${takes.words}`, `--agent-flag ${name}=${takes.example}`)
  }
  return [`--${name}`, value]
}
