import {type PanelctlError, usageError} from '../errors.js'
import {type Hint, hint, panelctl} from '../hint.js'
import {isSlip, nearestNames} from '../nearest-names.js'
import {helpOf} from './argv.js'
import type {Command} from './command.js'
import {parseArguments} from './parse.js'

interface Commands {
  readonly ids: readonly string[]
  load(id: string): Promise<Command>
}

/** Whether it changes something: what was typed has to be a plain slip of its name for it to be offered. */
function writes({flags}: Command): boolean {
  return 'dry-run' in flags
}

/** The command with a word in capitals for each argument that it wants, or its help where no word could stand there. */
async function asTyped(id: string, command: Command): Promise<Hint> {
  const wanted = Object.entries(command.args).filter(([, {required}]) => required)
  const args = wanted.map(([name]) => name.toUpperCase())
  const isParsed = await parseArguments(id, command, args).then(
    () => true,
    () => false,
  )
  return isParsed ? panelctl(id.replaceAll(':', ' '), args) : helpOf(id)
}

/** USAGE for words that are no command, with the nearest that could be typed in their place. */
export async function unknownCommand(
  words: readonly string[],
  {ids, load}: Commands,
): Promise<PanelctlError> {
  const typed = words.slice(0, 3)
  const message = `unknown command "${typed.join(' ')}"`
  const names = ids.map(id => id.replaceAll(':', ' '))
  // The words behind a misspelt one may be arguments: `nezha servre list` and `nezha server lits 3` are both near something.
  for (let length = typed.length; length > 0; length--) {
    const tried = typed.slice(0, length)
    for (const name of nearestNames(tried.join(' '), names)) {
      const id = name.replaceAll(' ', ':')
      const command = await load(id)
      const meant = name.split(' ')
      const isPlain = meant.length === length && meant.every((word, at) => isSlip(tried[at] ?? '', word))
      if (writes(command) && !isPlain) continue
      return usageError(message, hint`did you mean ${await asTyped(id, command)}?`)
    }
  }
  return usageError(message, helpOf(''))
}
