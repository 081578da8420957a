import {requireStdout} from '../../../lib/command/io.js'
import {flag} from '../../../lib/flags/flags.js'
import {registerServer} from '../../../lib/panels/nezha/endpoints.js'
import {registration} from '../../../lib/panels/nezha/registration.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'add a server and print the secret for its agent',
  description:
    'Each call adds a server, also under a name that exists. The panel needs to be 0.20.12 or newer. Without --name it takes the address of the caller, without --tag "AutoRegister"; without --no-hide-for-guest the server is hidden from guests.',
  examples: [
    'nezha server register --name web1 --tag Production',
    'nezha server register --name web1 -o json',
  ],
  flags: {
    name: flag.text({summary: 'name of the server', placeholder: 'name', filled: true}),
    tag: flag.text({summary: 'group to put it into', placeholder: 'tag', filled: true}),
    note: flag.text({summary: 'note, for administrators', placeholder: 'text'}),
    'hide-for-guest': flag.toggle({
      summary: 'hide it from guests, which is what the panel does if nothing is said',
    }),
    simple: flag.boolean({summary: 'print the bare secret whatever the format'}),
  },
  perform: async ({api, flags, io}) => {
    requireStdout(io)
    const body = registration(flags)
    const {secret} = await api(registerServer, {body})
    return {secret, ...body}
  },
  value: ({secret}) => secret,
  bare: ({flags}) => flags.simple,
  reveals: true,
  done: ({flags}) => `registered ${flags.name ?? 'a server'}`,
})
