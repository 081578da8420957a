import {contextNames} from '../../lib/command/global-flags.js'
import {checkRename, renameContext} from '../../lib/config/contexts/change-context.js'
import {arg} from '../../lib/flags/flags.js'
import {actionCommand} from '../../lib/shapes/action.js'

export default actionCommand({
  summary: 'rename a saved connection',
  local: true,
  examples: ['context rename nezha lab'],
  args: {
    name: arg.text({summary: 'name of the context', required: true, among: contextNames}),
    new: arg.text({summary: 'its new name', required: true}),
  },
  perform: async ({args, flags, configDir, env, speech}) => {
    if (flags['dry-run']) await checkRename(configDir(), args.name, args.new)
    else await renameContext({configDir: configDir(), env, note: speech.note}, args.name, args.new)
    const result = {context: args.new, previously: args.name}
    return args.new === args.name
      ? {result, unneeded: `the context ${args.name} is called so already`}
      : result
  },
  done: ({flags}, {context, previously}) =>
    `${flags['dry-run'] ? 'would rename' : 'renamed'} the context ${previously} to ${context}`,
})
