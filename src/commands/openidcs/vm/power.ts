import {arg} from '../../../lib/flags/flags.js'
import {forceFlags, vmsArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {vmPageColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {changePower, isHard, powerActions, powerWaiting} from '../../../lib/panels/openidcs/vm/vm-power.js'
import {powerOf} from '../../../lib/panels/openidcs/vm/vms.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'start, stop, reset or pause virtual machines',
  description:
    'hard_stop and hard_reset are as pulling the plug. To the panel reset is the same as hard_reset. The newest version does not stop VMware machines at all at the word stop: --wait runs out then, and hard_stop is what works. Versions without a power of their own (vm_flag) never tell that one is off or paused: --wait is refused there, and --wait-if-told goes on without. An action is sent also where the state is such already; changed is false then where the version has such a power, and true where it cannot be known.',
  examples: [
    'openidcs vm power node1 web01 start --wait',
    'openidcs vm power node1 web01 web02 hard_stop --yes',
  ],
  args: {
    ...vmsArguments,
    action: arg.choice(powerActions, {summary: 'what to do', required: true}),
  },
  flags: forceFlags,
  confirm: ({args: {action, vm, host}}) =>
    isHard(action) ? `Do a ${action} of ${vm} on ${host}? It is as pulling the plug.` : undefined,
  wait: ({client, args, speech}) =>
    powerWaiting(client(openidcs), args, {action: args.action, warn: speech.warn}),
  perform: async ({client, args, flags}) => {
    const unneeded = await changePower(client(openidcs), args, {
      action: args.action,
      force: flags.force,
      isWaitedFor: flags.wait ?? false,
    })
    return unneeded === undefined ? null : {result: null, unneeded}
  },
  columns: vmPageColumns,
  done: ({args: {host, vm: name, action}}, vm) => {
    if (!vm) return `${action} of ${name} on ${host} was accepted`
    const word = powerOf(vm)
    // It may have been UNKNOWN before too, so that the word alone says nothing.
    return action === 'pause' && word === 'UNKNOWN'
      ? `${name} is paused (the panel shows UNKNOWN for it)`
      : `${vm.uuid} is ${word}`
  },
})
