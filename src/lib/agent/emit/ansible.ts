import {Document, Scalar} from 'yaml'
import type {AgentKind, AgentPlan} from '../agent-kind.js'
import {type EmittedNode, installScript} from './shell.js'

/** Text that Ansible takes as it is: names are anybody's, and `{{ }}` in them would be executed on the controller. */
function verbatim(text: string): Scalar {
  const scalar = new Scalar(text)
  scalar.tag = '!unsafe'
  return scalar
}

/** What the inventory calls a node: its name, where an inventory can. */
function inventoryName({panel}: AgentKind, {name, id}: EmittedNode, index: number): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) ? name : `${panel.name}-${id ?? `node-${index + 1}`}`
}

/**
 * A playbook with its inventory in it: the first play adds the hosts, each with its own secret and no other's; those that
 * the user's inventory has too keep their address and user. The second installs the agents.
 */
export function emitAnsible(kind: AgentKind, agent: AgentPlan, nodes: readonly EmittedNode[]): string {
  const {name: panel, title} = kind.panel
  const path = `/root/install-${kind.program}.sh`
  const variable = `${panel.toUpperCase()}_SECRET`
  const script = installScript(kind, agent, [`secret="$${variable}"`], ['the host that Ansible runs it on'])
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
            groups: `${panel}_agents`,
            [`${panel}_node`]: '{{ item.node }}',
            [`${panel}_secret`]: '{{ item.secret }}',
          },
          loop: nodes.map((node, index) => ({
            host: inventoryName(kind, node, index),
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
      name: `Install the ${title} agents`,
      hosts: `${panel}_agents`,
      become: true,
      gather_facts: false,
      vars: {[`${panel}_install_script`]: verbatim(script)},
      tasks: [
        {
          name: 'Copy the install script',
          'ansible.builtin.copy': {
            content: `{{ ${panel}_install_script }}`,
            dest: path,
            mode: '0700',
          },
          changed_when: false,
        },
        {
          name: 'Install the agent',
          'ansible.builtin.command': {cmd: path},
          environment: {[variable]: `{{ ${panel}_secret }}`},
          register: `${panel}_install`,
          changed_when: `'already installed' not in ${panel}_install.stdout`,
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
  document.commentBefore = ` Written by panelctl ${panel} node auto-register. It holds secrets: keep it to yourself.\n Run it with: ansible-playbook -i hosts.ini FILE`
  return document.toString({lineWidth: 0, directives: true})
}
