import type {Referenced} from '../../../resource/target.js'
import {listAllNodes} from '../endpoints.js'

/** Nodes, hidden ones too, for what names them. */
export const nodeTarget: Referenced = {
  noun: 'node',
  list: 'komari node list',
  idColumn: 'uuid',
  named: async api => (await api(listAllNodes, {})).map(({uuid, name}) => ({id: uuid, name})),
}
