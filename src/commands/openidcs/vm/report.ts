import {flag} from '../../../lib/flags/flags.js'
import {textOf} from '../../../lib/panels/openidcs/loose-values.js'
import {reportStatus} from '../../../lib/panels/openidcs/vm/vm-report.js'
import {actionCommand} from '../../../lib/shapes/action.js'
import {documentOf} from '../../../lib/shapes/document-flags.js'

export default actionCommand({
  summary: 'report what a virtual machine measured, as its agent does',
  description:
    'Needs no credentials: the panel finds the virtual machine by the address of a network card. Its answer holds a password, which is masked without --show-secrets.',
  examples: [
    'openidcs vm report --nic 00:1c:c0:a8:01:64 --file status.json',
    'openidcs vm report --nic 00:1c:c0:a8:01:64 --file - -o json < status.json',
  ],
  flags: {
    nic: flag.text({
      summary: 'MAC address of one of its network cards',
      placeholder: 'mac',
      required: true,
      filled: true,
    }),
    file: flag.text({
      summary: 'YAML or JSON file with what was measured, - for stdin',
      placeholder: 'file',
      required: true,
      filled: true,
    }),
  },
  perform: async context =>
    reportStatus(context.api, context.flags.nic, await documentOf(context.flags.file, context)),
  columns: {
    host: ({hs_name}) => textOf(hs_name),
    vm: ({vm_uuid}) => textOf(vm_uuid),
    password: ({vm_pass}) => textOf(vm_pass),
  },
  done: (_context, {vm_uuid}) => `reported for ${textOf(vm_uuid)}`,
})
