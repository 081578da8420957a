import {stringify} from 'yaml'
import type {AgentKind, AgentPlan} from '../agent-kind.js'
import {type EmittedNode, emitShell} from './shell.js'

/** User data for cloud-init: the install script as a file, run once, and gone afterwards. */
export function emitCloudInit(kind: AgentKind, agent: AgentPlan, nodes: readonly EmittedNode[]): string {
  const path = `/var/lib/panelctl/install-${kind.program}.sh`
  const config = {
    write_files: [{path, owner: 'root:root', permissions: '0700', content: emitShell(kind, agent, nodes)}],
    // cloud-init makes one script of all items: an `exit` here would end those that follow.
    runcmd: [`(sh ${path}; code=$?; rm -f ${path}; exit $code)`],
  }
  return `#cloud-config\n${stringify(config, {lineWidth: 0})}`
}
