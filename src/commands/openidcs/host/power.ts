import {arg} from '../../../lib/flags/flags.js'
import {hostPageColumns} from '../../../lib/panels/openidcs/host/host-columns.js'
import {switchHost, switchWaiting} from '../../../lib/panels/openidcs/host/hosts.js'
import {hostArguments} from '../../../lib/panels/openidcs/machine-arguments.js'
import {openidcs} from '../../../lib/panels/openidcs/panel.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'enable or disable a host',
  description:
    'This is about the panel: the machine and its virtual machines go on as they are. On a disabled host none is listed, created, deleted, started or stopped; other changes go on.',
  examples: ['openidcs host power node1 on --wait', 'openidcs host power node1 off --yes'],
  args: {
    ...hostArguments,
    state: arg.choice(['on', 'off'], {summary: 'on or off', required: true}),
  },
  confirm: ({args}) =>
    args.state === 'off'
      ? `Disable ${args.host}? The panel starts, stops, creates and deletes nothing on it then.`
      : undefined,
  wait: ({client, args}) => switchWaiting(client(openidcs), args.host, args.state === 'on'),
  perform: ({api, args, flags, speech}) =>
    switchHost(api, args.host, {
      enable: args.state === 'on',
      isWaitedFor: flags.wait ?? false,
      warn: speech.warn,
    }),
  columns: hostPageColumns,
  done: ({args}) => `${args.state === 'on' ? 'enabled' : 'disabled'} ${args.host}`,
})
