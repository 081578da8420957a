import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {reportColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {readStatus} from '../../../lib/panels/openidcs/vm/vm-status.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show what a virtual machine reported, and its power',
  description:
    'What its agent reported, the latest first; in JSON the latest is the last one, as in the panel. The last one has power_status where the panel itself knows the power, which it does since v0.5.',
  examples: [
    'openidcs vm status node1 web01',
    "openidcs vm status node1 web01 -o json | jq -r '.[-1] | .power_status // .ac_status'",
  ],
  args: vmArguments,
  noun: 'reports',
  fetch: async ({api, args}) => {
    const reports = await readStatus(api, args)
    return {rows: reports.toReversed(), data: reports}
  },
  columns: reportColumns,
})
