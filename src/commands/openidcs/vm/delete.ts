import {forceFlags, machineTurn, vmsArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {vmPageColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {removeVm} from '../../../lib/panels/openidcs/vm/vm-delete.js'
import {removalWaiting} from '../../../lib/panels/openidcs/vm/vm-power.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'delete virtual machines with their disks',
  description:
    'One request is sent for each, and never a second one. Whatever the panel answers, it is asked what it lists then: it may have removed the virtual machine although it refused, or another one.',
  examples: ['openidcs vm delete node1 web01', 'openidcs vm delete node1 web01 web02 --yes'],
  args: vmsArguments,
  flags: forceFlags,
  confirm: ({args: {host, vm}}) => ({
    question: `Delete ${vm} on ${host} with its disks?`,
    word: vm,
  }),
  wait: async ({api, args}) => removalWaiting(api, args),
  removes: true,
  turn: ({args}) => machineTurn(args),
  perform: async ({api, args, flags, speech}) => {
    await removeVm(api, args, {force: flags.force, isWaitedFor: flags.wait ?? false, warn: speech.warn})
    return null
  },
  columns: vmPageColumns,
  done: ({args: {host, vm}}) => `deleted ${vm} on ${host}`,
})
