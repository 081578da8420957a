import type {Command} from '../src/lib/command/command.js'
import {commandIds, loadCommand} from './harness.js'

/** A line with flags that it has not, before the `--` of one that runs another command. */
export function withFlags(line: string, flags: string): string {
  const [own = '', ...behind] = line.split(' -- ')
  return [`${own} ${flags}`, ...behind].join(' -- ')
}

/** A line that a command gives as an example, as a test runs it. */
export interface ExampleLine {
  readonly id: string
  readonly line: string
}

/**
 * The examples of a panel's commands that end by themselves, up to where the shell takes over and without a format:
 * what is read from a file comes from stdin, and nobody is asked.
 */
export async function exampleLines(panel: string): Promise<ExampleLine[]> {
  const ids = commandIds.filter(id => id.startsWith(`${panel}:`))
  const commands = await Promise.all(ids.map(async id => [id, await loadCommand(id)] as const))
  return commands.flatMap(([id, command]: readonly [string, Command]) =>
    command.examples
      .map(example => (example.split(/ [|<>] ?/)[0] ?? '').replace(/ (-o \w+|--json)/g, ''))
      .filter(line => !/--(follow|watch|wait|raw|open)\b/.test(line))
      .map(line => line.replace(/(--file|--input|-f(?= \S+\.yaml)) \S+/, '$1 -'))
      .map(line => ('yes' in command.flags && !line.includes('--yes') ? withFlags(line, '--yes') : line))
      .map(line => ({id, line})),
  )
}
