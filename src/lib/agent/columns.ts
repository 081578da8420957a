import {type Cell, yesNo} from '../output/cell.js'
import type {Columns} from '../output/columns.js'
import type {Emitted} from './emit-nodes.js'
import type {NodeResult} from './node-result.js'

/** Nothing of what is for other machines: it has no state here. */
function ofNode(read: (node: NodeResult) => Cell): (result: NodeResult | Emitted) => Cell {
  return result => ('emit' in result ? null : read(result))
}

export const nodeResultColumns: Columns<NodeResult | Emitted> = {
  name: ofNode(node => node.name),
  id: ofNode(node => node.id),
  tag: ofNode(node => node.tag),
  registered: ofNode(node => yesNo(node.registered)),
  installed: ofNode(node => yesNo(node.installed)),
  online: ofNode(node => yesNo(node.online)),
}

/** The file that `--emit` makes, which stands in the place of a table. */
export function emittedContent(result: NodeResult | Emitted): string | undefined {
  return 'emit' in result ? result.content : undefined
}
