import {contextNames} from '../../lib/command/global-flags.js'
import {arg} from '../../lib/flags/flags.js'
import {panels} from '../../lib/panels/index.js'
import {checkContexts, checkedColumns} from '../../lib/shapes/contexts.js'
import {listCommand} from '../../lib/shapes/list.js'

export default listCommand({
  summary: 'ask the panels whether the saved credentials still work',
  description:
    'Exits with 0 when all do, 4 when a credential is refused, else with what is wrong with another, and 6 when a panel cannot be reached and nothing else is wrong. What an API token of Nezha v2 may do is in the JSON and in the column may, where the dashboard has its MCP switched on.',
  examples: ['context check', 'context check lab nezha'],
  args: {
    name: arg.text({summary: 'names of contexts; all if none is given', multiple: true, among: contextNames}),
  },
  noun: 'contexts',
  fetch: context => checkContexts(context, panels, context.args.name),
  columns: checkedColumns,
  id: context => context.name,
})
