import {contextNames} from '../../lib/command/global-flags.js'
import {lookAtContext, useContext} from '../../lib/config/contexts/change-context.js'
import {arg} from '../../lib/flags/flags.js'
import {actionCommand} from '../../lib/shapes/action.js'

export default actionCommand({
  summary: 'make a saved connection the one that is used',
  description: 'Each panel has a current context of its own.',
  local: true,
  examples: ['context use lab'],
  args: {name: arg.text({summary: 'name of the context', required: true, among: contextNames})},
  perform: async ({args, flags, configDir, env, speech}) => {
    const {name} = args
    const used = flags['dry-run']
      ? await lookAtContext(configDir(), name)
      : await useContext({configDir: configDir(), env, note: speech.note}, name)
    const {panel, url} = used.context
    const result = {context: name, panel, url}
    return used.wasCurrent ? {result, unneeded: `${name} (${url}) is in use for ${panel} already`} : result
  },
  done: ({flags}, {context, panel, url}) =>
    `${flags['dry-run'] ? 'would use' : 'now using'} ${context} (${url}) for ${panel}`,
})
