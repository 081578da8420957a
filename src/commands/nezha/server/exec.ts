import {serverNames} from '../../../lib/panels/nezha/names.js'
import {runOnServers} from '../../../lib/panels/nezha/v1/exec.js'
import {calling} from '../../../lib/panels/nezha/v1/mcp.js'
import {targets} from '../../../lib/panels/nezha/v1/targets.js'
import {execCommand} from '../../../lib/shapes/exec.js'
import {execInputFlags, execInputOf} from '../../../lib/shapes/exec-input.js'

export default execCommand({
  summary: 'run a command on servers (v2.1)',
  description:
    "A program and its arguments, without a shell: a line of shell is sh -c 'LINE'. It is sent once; --timeout says how long it may take, 5m unless given and at most; then it is ended, and with it whatever it left running. Needs an API token with the scope nezha:server:exec, and a dashboard with MCP switched on. Exit 12 where it fails on a server.",
  examples: [
    'nezha server exec web1 -- uptime',
    "nezha server exec web1 db1 -o json -- sh -c 'uptime; df -h /'",
    'nezha server exec web1 --timeout 1m --cwd /srv --env LANG=C -- make',
    'nezha server exec web1 --stdin script.sh -- sh -s',
  ],
  noun: 'server',
  names: 'ids or unique names',
  among: serverNames,
  flags: execInputFlags,
  machines: (run, names) => targets(calling(run), names),
  perform: async (run, servers) => runOnServers(calling(run), servers, {...run, ...(await execInputOf(run))}),
})
