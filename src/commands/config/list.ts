import {flag} from '../../lib/flags/flags.js'
import {listSettings} from '../../lib/shapes/config.js'
import {listCommand} from '../../lib/shapes/list.js'

export default listCommand({
  summary: 'list what is preferred, for all panels and for each context',
  description: 'With --context what is preferred for that saved connection alone.',
  local: 'for a context',
  examples: ['config list', 'config list --context lab -o json'],
  flags: {all: flag.boolean({summary: 'also what can be set, and is not'})},
  noun: 'settings',
  fetch: context => listSettings(context, context.flags),
  columns: {
    key: setting => setting.key,
    value: setting => setting.value?.toString() ?? null,
    context: setting => setting.context,
  },
  id: setting => setting.key,
})
