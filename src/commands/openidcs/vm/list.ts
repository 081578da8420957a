import {hostArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {vmColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {readReachableVms} from '../../../lib/panels/openidcs/vms-of-host.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'list the virtual machines of a host',
  description:
    'In JSON status is a list on every version, empty where nothing was reported; old versions give all reports, newer ones the latest. The power is config.vm_flag where the version knows it.',
  examples: ['openidcs vm list node1', "openidcs vm list node1 -o json | jq -r '.[] | .uuid'"],
  args: hostArguments,
  noun: 'virtual machines',
  fetch: ({api, args}) => readReachableVms(api, args.host),
  columns: vmColumns,
  id: vm => vm.uuid,
})
