import {contextNames} from '../../lib/command/global-flags.js'
import {arg} from '../../lib/flags/flags.js'
import {panels} from '../../lib/panels/index.js'
import {effectiveSettings} from '../../lib/shapes/effective-settings.js'
import {listCommand} from '../../lib/shapes/list.js'

export default listCommand({
  summary: 'show every value in effect and where it comes from',
  description: 'What a command would use now: of one context where NAME is given, else of each panel.',
  examples: ['context show', 'context show lab -o json'],
  args: {name: arg.text({summary: 'name of a context', among: contextNames})},
  noun: 'settings',
  fetch: context => effectiveSettings(context, panels, context.args.name),
  columns: {
    panel: setting => setting.panel,
    setting: setting => setting.setting,
    value: setting => setting.value,
    source: setting => setting.source,
  },
  id: setting => setting.setting,
})
