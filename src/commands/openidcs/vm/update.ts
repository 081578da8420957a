import {forceFlags, machineTurn, vmArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {vmPageColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {givenVm, type VmWishes, vmFlags, vmSecrets} from '../../../lib/panels/openidcs/vm/vm-input.js'
import {powerWaiting} from '../../../lib/panels/openidcs/vm/vm-power.js'
import {updateMachine} from '../../../lib/panels/openidcs/vm/vm-update.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {inputFlags, inputOf} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'change a virtual machine, which is stopped and started for it',
  description:
    'What is not named stays as it is. With another image (--os) newer versions make its disk anew, without what was on it. --dry-run shows what would change. A file that vm show printed has masks in the place of passwords, and is refused: print it with --show-secrets, or leave them out.',
  examples: [
    'openidcs vm update node1 web01 --memory 8G --yes --wait',
    'openidcs vm update node1 web01 --set nic_all.ethernet0.ip4_addr=192.168.1.101 --dry-run',
  ],
  args: vmArguments,
  flags: {...vmFlags, ...inputFlags, ...forceFlags},
  confirm: ({args: {host, vm}, flags}) => {
    const {os}: VmWishes = flags
    const question = `Change ${vm} on ${host}? It is stopped hard and started again.`
    const mayGiveImage =
      (os ?? flags.file) !== undefined || flags.set.some(text => text.startsWith('os_name='))
    return mayGiveImage
      ? `${question} With another image its disk is made anew, without what is on it.`
      : question
  },
  wait: ({client, args, speech}) =>
    powerWaiting(client(openidcs), args, {action: 'start', warn: speech.warn}),
  turn: ({args}) => machineTurn(args),
  perform: async ({client, args, flags, speech, io}) =>
    updateMachine(client(openidcs), args, {
      given: givenVm(undefined, flags, await inputOf(flags, {io}, vmSecrets(flags))),
      force: flags.force,
      warn: speech.warn,
      dryRun: flags['dry-run'],
    }),
  columns: vmPageColumns,
  done: ({args: {host, vm}}) => `changed ${vm} on ${host}`,
})
