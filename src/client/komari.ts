import * as endpoints from '../lib/panels/komari/endpoints.js'
import {findNode, readNodes} from '../lib/panels/komari/nodes.js'
import {nodeStatus} from '../lib/panels/komari/status.js'
import {type ConnectedClient, callsOf} from './calls.js'

/** What a connection to a Komari panel has. */
export function komariCalls(connected: ConnectedClient) {
  const {client, note} = connected
  const nodes = () => readNodes(client, note)
  return {
    ...callsOf(connected, endpoints),
    /** All nodes that we may see, in the panel's order, as `komari node list`. */
    nodes,
    /** The node of a uuid, a unique name or the unique beginning of a uuid, as `komari node show`. */
    node: async (reference: string) => findNode(await nodes(), reference),
    /** What these nodes report now, all if none is named, as `komari node status`. */
    status: (...references: readonly string[]) => nodeStatus(client, references, note),
  }
}
