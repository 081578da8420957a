import {useContext} from '../../lib/config/contexts/change-context.js'
import {namedContext} from '../../lib/config/contexts/config-file.js'
import {arg} from '../../lib/flags/flags.js'
import {actionCommand} from '../../lib/shapes/action.js'

export default actionCommand({
  summary: 'make a saved connection the one that is used',
  description: 'Each panel has a current context of its own.',
  local: true,
  examples: ['context use lab'],
  args: {name: arg.text({summary: 'name of the context', required: true})},
  perform: async ({args, flags, configDir}) => {
    const {name} = args
    const {panel, url} = flags['dry-run']
      ? await namedContext(configDir(), name)
      : await useContext(configDir(), name)
    return {context: name, panel, url}
  },
  done: ({flags}, {context, panel, url}) =>
    `${flags['dry-run'] ? 'would use' : 'now using'} ${context} (${url}) for ${panel}`,
})
