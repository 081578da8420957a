import {showVm} from '../../../lib/panels/openidcs/endpoints.js'
import {vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {vmPageColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {askOfVm} from '../../../lib/panels/openidcs/vms-of-host.js'
import {showCommand} from '../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show one virtual machine',
  examples: ['openidcs vm show node1 web01', 'openidcs vm show node1 web01 -o json | jq .config.mem_num'],
  args: vmArguments,
  fetch: ({api, args}) => askOfVm(api, args, () => api(showVm, {path: args})),
  columns: vmPageColumns,
  id: vm => vm.uuid,
})
