import {checkContexts} from '../../lib/command/check.js'
import {contextColumns} from '../../lib/command/context-columns.js'
import {arg} from '../../lib/command/flags.js'
import {listCommand} from '../../lib/command/list.js'
import {panels} from '../../lib/panels/index.js'

export default listCommand({
  summary: 'ask the panels whether the saved credentials still work',
  description:
    'Exits with 0 when all do, 4 when a credential is refused, and 6 when a panel cannot be reached.',
  examples: ['context check', 'context check lab nezha'],
  args: {name: arg.text({summary: 'names of contexts; all if none is given', multiple: true})},
  noun: 'contexts',
  fetch: context => checkContexts(context, panels, context.args.name),
  columns: contextColumns,
  id: context => context.name,
})
