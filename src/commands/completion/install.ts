import {installable, installCompletion} from '../../lib/completion/install.js'
import {arg} from '../../lib/flags/flags.js'
import {actionCommand} from '../../lib/shapes/action.js'

export default actionCommand({
  summary: 'install completion for your shell, or for the one that is named',
  description:
    'Writes the script to where the shell looks for it: for bash a file that bash-completion loads, for fish one in its folder of completions, for zsh a file and a line in .zshrc. A new shell has it. It can be run again at any time.',
  local: true,
  examples: ['completion install', 'completion install zsh', 'completion install fish --dry-run'],
  args: {shell: arg.choice(installable, {summary: 'which shell (default: that of SHELL)'})},
  perform: async ({args, flags, env, root, speech}) => {
    const {changed, ...result} = await installCompletion(args.shell, {
      env,
      root,
      dryRun: flags['dry-run'],
      note: speech.note,
    })
    return changed
      ? result
      : {result, unneeded: `completion for ${result.shell} is in ${result.file} already`}
  },
  columns: {
    shell: ({shell}) => shell,
    file: ({file}) => file,
    startup: ({startup}) => startup,
    undo: ({undo}) => undo,
  },
  done: ({flags}, {shell, file, startup, undo}) =>
    `${flags['dry-run'] ? 'would install' : 'installed'} completion for ${shell} in ${file}${startup === null ? '' : `, which a line in ${startup} loads`}; a new shell has it; undo it with: ${undo}`,
})
