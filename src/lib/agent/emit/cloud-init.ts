import {stringify} from 'yaml'
import type {AgentPlan} from '../plan.js'
import type {EmittedNode} from './node.js'
import {emitShell} from './shell.js'

const path = '/var/lib/panelctl/install-nezha-agent.sh'

/** User data for cloud-init: the install script as a file, run once, and gone afterwards. */
export function emitCloudInit(agent: AgentPlan, nodes: readonly EmittedNode[]): string {
  const config = {
    write_files: [{path, owner: 'root:root', permissions: '0700', content: emitShell(agent, nodes)}],
    runcmd: [`sh ${path}; code=$?; rm -f ${path}; exit $code`],
  }
  return `#cloud-config\n${stringify(config, {lineWidth: 0})}`
}
