import {requireStdout} from '../../../lib/command/io.js'
import {flag} from '../../../lib/flags/flags.js'
import {groupNames} from '../../../lib/panels/nezha/names.js'
import {register} from '../../../lib/panels/nezha/register.js'
import {installation} from '../../../lib/panels/nezha/v1/agents.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'add a server and print the secret for its agent',
  description:
    'On v0 each call adds a server, also under a name that exists; the panel needs to be 0.20.12 or newer. Without --name it takes the address of the caller, without --tag "AutoRegister"; without --no-hide-for-guest the server is hidden from guests.\n\nOn v1 and v2 nothing is added: the secret is the account\'s, and the node appears with the first report of an agent. What installs one, with a new UUID, is told beside it and in the JSON. It is named and grouped once it is there.',
  examples: [
    'nezha server register --name web1 --tag Production',
    'nezha server register --name web1 -o json',
  ],
  flags: {
    name: flag.text({summary: 'name of the server', placeholder: 'name', filled: true}),
    tag: flag.text({summary: 'group to put it into', placeholder: 'tag', filled: true, among: groupNames}),
    note: flag.text({summary: 'note, for administrators', placeholder: 'text'}),
    'hide-for-guest': flag.toggle({
      summary: 'hide it from guests, which is what the panel does if nothing is said',
    }),
    simple: flag.boolean({summary: 'print the bare secret whatever the format'}),
  },
  perform: run => {
    requireStdout(run.io)
    return register(run, run.flags)
  },
  value: ({secret}) => secret,
  bare: ({flags}) => flags.simple,
  reveals: true,
  lost: ({uuid}) =>
    uuid === undefined
      ? 'its secret is lost, as it is told only once: delete the server on the dashboard and register it again'
      : undefined,
  done: ({flags}, agent) =>
    agent.uuid === undefined
      ? `registered ${flags.name ?? 'a server'}`
      : `the node ${flags.name ?? agent.uuid} appears with the first report of its agent; ${installation(agent)}`,
})
