import type {Columns} from '../output/columns.js'
import type {NodeResult} from './install-node.js'

export const nodeColumns = {
  name: node => node.name,
  id: node => node.id,
  tag: node => node.tag,
  registered: node => node.registered,
  installed: node => node.installed,
  online: node => node.online,
} satisfies Columns<NodeResult>
