import {actionCommand} from '../../lib/shapes/action.js'
import {changeSetting, givenKey, toldSetting} from '../../lib/shapes/config.js'

export default actionCommand({
  summary: 'prefer nothing any more',
  description: 'For all panels, or with --context for that saved connection.',
  local: 'for a context',
  examples: ['config unset output', 'config unset timeout --context lab'],
  args: {key: givenKey},
  perform: context => changeSetting(context, undefined),
  done: toldSetting,
})
