import {saveConfig} from '../../../../lib/panels/openidcs/endpoints.js'
import {actionCommand} from '../../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'let the panel write its configuration to its database',
  examples: ['openidcs system config save'],
  perform: ({api}) => api(saveConfig, {body: {}}),
  done: () => 'saved the configuration',
})
