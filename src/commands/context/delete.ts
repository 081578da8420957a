import {contextNames} from '../../lib/command/global-flags.js'
import {deleteContext} from '../../lib/config/contexts/change-context.js'
import {namedContext} from '../../lib/config/contexts/config-file.js'
import {arg} from '../../lib/flags/flags.js'
import {actionCommand} from '../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete a saved connection with its credential',
  local: true,
  examples: ['context delete lab --yes'],
  args: {name: arg.text({summary: 'name of the context', required: true, among: contextNames})},
  confirm: ({args}) => `Delete the context ${args.name} with its credential?`,
  removes: true,
  perform: async ({args, flags, configDir, env, speech}) => {
    if (flags['dry-run']) {
      await namedContext(configDir(), args.name)
      return {context: args.name}
    }
    const {leftIn} = await deleteContext({configDir: configDir(), env, note: speech.note}, args.name)
    if (leftIn !== undefined) speech.warn(`its credential could not be reached and is still in the ${leftIn}`)
    return {context: args.name}
  },
  done: ({flags}, {context}) => `${flags['dry-run'] ? 'would delete' : 'deleted'} the context ${context}`,
})
