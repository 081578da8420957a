import {Document, Scalar} from 'yaml'
import type {AgentPlan} from '../plan.js'
import type {EmittedNode} from './node.js'
import {installScript} from './shell.js'

const path = '/root/install-nezha-agent.sh'

/** Text that Ansible takes as it is: names are anybody's, and `{{ }}` in them would be executed on the controller. */
function verbatim(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.tag = '!unsafe'
  return scalar
}

/** What the inventory calls a node: its name, where an inventory can. */
function hostOf({name, id}: EmittedNode, index: number): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) ? name : `nezha-${id ?? `node-${index + 1}`}`
}

/**
 * A playbook with its inventory in it: the first play adds the hosts, each with its own secret and no other's; those that
 * the user's inventory has too keep their address and user. The second installs the agents.
 */
export function emitAnsible(agent: AgentPlan, nodes: readonly EmittedNode[]): string {
  const script = installScript(agent, ['secret="$NEZHA_SECRET"'], ['the host that Ansible runs it on'])
  const playbook = [
    {
      name: 'Add the nodes to the inventory',
      hosts: 'localhost',
      connection: 'local',
      gather_facts: false,
      tasks: [
        {
          name: 'Add each node with its secret',
          'ansible.builtin.add_host': {
            name: '{{ item.host }}',
            groups: 'nezha_agents',
            nezha_node: '{{ item.node }}',
            nezha_secret: '{{ item.secret }}',
          },
          loop: nodes.map((node, index) => ({
            host: hostOf(node, index),
            node: verbatim(node.name),
            secret: verbatim(node.secret),
          })),
          loop_control: {label: '{{ item.host }}'},
          no_log: true,
          changed_when: false,
        },
      ],
    },
    {
      name: 'Install the Nezha agents',
      hosts: 'nezha_agents',
      become: true,
      gather_facts: false,
      vars: {nezha_install_script: verbatim(script)},
      tasks: [
        {
          name: 'Copy the install script',
          'ansible.builtin.copy': {
            content: '{{ nezha_install_script }}',
            dest: path,
            mode: '0700',
          },
          changed_when: false,
        },
        {
          name: 'Install the agent',
          'ansible.builtin.command': {cmd: path},
          environment: {NEZHA_SECRET: '{{ nezha_secret }}'},
          register: 'nezha_install',
          changed_when: "'already installed' not in nezha_install.stdout",
          no_log: true,
        },
        {
          name: 'Remove the install script',
          'ansible.builtin.file': {path, state: 'absent'},
          changed_when: false,
        },
      ],
    },
  ]
  const document = new Document(playbook)
  document.commentBefore =
    ' Written by panelctl nezha node auto-register. It holds secrets: keep it to yourself.\n Run it with: ansible-playbook -i hosts.ini FILE'
  return document.toString({lineWidth: 0, directives: true})
}
