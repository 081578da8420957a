import {lineOf, nodesNamed, runOnNodes} from '../../../lib/panels/komari/exec.js'
import {nodeNames} from '../../../lib/panels/komari/names.js'
import {komari} from '../../../lib/panels/komari/panel.js'
import {execCommand} from '../../../lib/shapes/exec.js'

export default execCommand({
  summary: 'run a command on nodes',
  description:
    'One word is a line for the shell of the node, several are a program and its arguments. It is sent once, for all of them; --timeout says how long it is waited for, 5m unless given: exit 8, and it goes on there. What it writes on stderr comes on stdout, behind the rest, as the panel joins them; it has no stdin. Exit 12 where it fails on a node.',
  examples: [
    'komari node exec web1 -- uptime',
    "komari node exec web1 db1 -o json -- 'uptime; df -h /'",
    'komari node exec web1 --timeout 10m -- apt-get -y upgrade',
  ],
  noun: 'node',
  names: 'names, uuids or their beginnings',
  among: nodeNames,
  machines: ({client, speech}, names) => nodesNamed(client(komari), names, speech.note),
  perform: async ({client, signal, words, limit}, nodes) =>
    runOnNodes({client: client(komari), signal}, nodes, {line: lineOf(words), limit}),
})
