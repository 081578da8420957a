import {arg, flag} from '../lib/flags/flags.js'
import {sandboxCommand} from '../lib/shapes/sandbox.js'

export default sandboxCommand({
  summary: 'start emulated panels on loopback, and run a command against them',
  description:
    'Runs COMMAND with the environment set to use the panels and exits with its exit code. Inside, panelctl is this very program, and configuration and credentials lie in a folder that is gone afterwards. Without COMMAND it stays and prints the variables to export. Put -- before a command with flags of its own.',
  local: true,
  examples: [
    'sandbox -- panelctl nezha server list',
    'sandbox -- sh -c "panelctl nezha server list -o id"',
    'sandbox --seed world.yaml -- panelctl openidcs vm list node1',
    'sandbox --port 8100',
  ],
  args: {command: arg.text({summary: 'command to run, with its arguments', multiple: true})},
  flags: {
    port: flag.integer({summary: 'port of the first panel (default: any that is free)', min: 1, max: 65535}),
    seed: flag.text({summary: 'YAML file with the world to start with', placeholder: 'file', filled: true}),
  },
})
