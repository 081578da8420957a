import {flag} from '../../../lib/flags/flags.js'
import {forceFlags, hostArguments, machineTurn} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {vmPageColumns} from '../../../lib/panels/openidcs/vm/vm-columns.js'
import {createMachine} from '../../../lib/panels/openidcs/vm/vm-create.js'
import {givenVm, vmFlags, vmSecrets} from '../../../lib/panels/openidcs/vm/vm-input.js'
import {creationWaiting} from '../../../lib/panels/openidcs/vm/vm-power.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {inputFlags, inputOf} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'create a virtual machine',
  description:
    'Flags go on top of --file, and --set on top of both; two different names are refused. What vm show prints with -o yaml --show-secrets is such a file, of which is left out what belongs to that machine alone (name, MAC addresses, console, owners). The panel copies the image before it answers. Versions of 2026 also start it.',
  examples: [
    'openidcs vm create node1 --name web01 --os debian12.vmdk --cpu 2 --memory 4G --disk 40G --nic name=ethernet0,ip4=192.168.1.100,type=nat',
    'openidcs vm create node1 --name web02 --file vm.yaml --set nic_all.ethernet0.ip4_addr=192.168.1.101 --dry-run',
  ],
  args: hostArguments,
  flags: {
    name: flag.text({summary: 'its name', placeholder: 'name', filled: true}),
    ...vmFlags,
    ...inputFlags,
    ...forceFlags,
  },
  wait: ({client, args}) => creationWaiting(client(openidcs), args.host),
  creates: true,
  turn: ({args, flags}) => machineTurn({...args, vm: flags.name}),
  perform: async ({client, args, flags, speech, io}) =>
    createMachine(client(openidcs), args.host, {
      given: givenVm(flags.name, flags, await inputOf(flags, {io}, vmSecrets(flags))),
      force: flags.force,
      skips: flags['if-exists'] === 'skip',
      warn: speech.warn,
      note: speech.note,
    }),
  columns: vmPageColumns,
  id: ({uuid}) => uuid,
  done: ({args}, {uuid}) => `created ${uuid} on ${args.host}`,
})
