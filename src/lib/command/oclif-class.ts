import {Command as OclifCommand} from '@oclif/core/command'
import type {Command} from './command.js'

/** `panel server details [ID...] [FLAGS]`: spelling out the flags of every command would hide the rest. */
function usageOf(id: string, {args}: Command): string {
  const named = (isBehind: boolean) =>
    Object.entries(args).flatMap(([name, {required, multiple, behind = false}]) => {
      const shown = `${name.toUpperCase()}${multiple ? '...' : ''}`
      return behind === isBehind ? [`${behind ? '-- ' : ''}${required ? shown : `[${shown}]`}`] : []
    })
  return [id.replaceAll(':', ' '), ...named(false), '[FLAGS]', ...named(true)].join(' ')
}

/**
 * A command as the class that oclif makes manifest, help and reference from. Run by oclif it does what the program
 * does with the same words, as `start` is the program.
 */
export function oclifClass(
  id: string,
  command: Command,
  start: (argv: readonly string[]) => Promise<void>,
): typeof OclifCommand {
  // The definitions are oclif's but for the names, which oclif writes into them itself.
  const definitions = {args: command.args, flags: command.flags} as unknown as Pick<
    typeof OclifCommand,
    'args' | 'flags'
  >
  class Described extends OclifCommand {
    static override id = id
    static override summary = command.summary
    static override description = command.description ?? ''
    static override examples = command.examples.map(example => `<%= config.bin %> ${example}`)
    static override usage = usageOf(id, command)
    static override args = definitions.args
    static override flags = definitions.flags

    async run(): Promise<void> {
      await start([...id.split(':'), ...this.argv])
    }
  }
  return Described
}
