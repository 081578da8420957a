import {givenKey, readSetting} from '../../lib/shapes/config.js'
import {showCommand} from '../../lib/shapes/show.js'

export default showCommand({
  summary: 'print what is set: exit 3 where nothing is',
  description:
    'What is set for all panels, or with --context for that saved connection. What holds in the end, and why, is told by context show.',
  local: 'for a context',
  examples: ['config get output', 'config get timeout --context lab'],
  args: {key: givenKey},
  fetch: context => readSetting(context),
  value: setting => String(setting.value),
})
