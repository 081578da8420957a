import type {Command} from '../command/command.js'
import {type Shell, shellScriptOf} from '../completion/scripts.js'
import {showCommand} from './show.js'

/** A command that prints what a shell runs to complete our words. */
export function completionScript({
  shell,
  line,
}: {
  readonly shell: Shell
  /** What loads it, as it is typed. */
  readonly line: string
}): Command {
  return showCommand({
    summary: `print the script; load it: ${line}`,
    description: `Completes commands, flags and columns, and the names that a panel knows: those are asked for at most once a minute, for at most a second, and never with a question. A credential that is in a keychain or comes from a command may want a password, and is not used for it.`,
    local: true,
    examples: [`completion ${shell}`],
    fetch: async ({root}) => ({script: await shellScriptOf(shell, root)}),
    value: ({script}) => script.trimEnd(),
  })
}
