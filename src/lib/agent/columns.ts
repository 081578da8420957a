import {type Cell, flag} from '../output/cell.js'
import type {Columns} from '../output/columns.js'
import type {Emitted} from './emit-nodes.js'
import type {NodeResult} from './node-result.js'

/** Nothing of what is for other machines: it has no state here. */
function ofNode(read: (node: NodeResult) => Cell): (result: NodeResult | Emitted) => Cell {
  return result => ('emit' in result ? null : read(result))
}

export const nodeColumns: Columns<NodeResult | Emitted> = {
  name: ofNode(node => node.name),
  id: ofNode(node => node.id),
  tag: ofNode(node => node.tag),
  registered: ofNode(node => flag(node.registered)),
  installed: ofNode(node => flag(node.installed)),
  online: ofNode(node => flag(node.online)),
}

/** The file that `--emit` makes, which stands in the place of a table. */
export function emittedContent(result: NodeResult | Emitted): string | undefined {
  return 'emit' in result ? result.content : undefined
}
