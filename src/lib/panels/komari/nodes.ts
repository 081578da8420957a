import {PanelctlError, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Api, Client} from '../../http/client.js'
import {didYouMean} from '../../nearest-names.js'
import {compareNatural} from '../../output/natural.js'
import {listClients, listNodes} from './endpoints.js'
import {komari} from './panel.js'
import type {Node} from './schemas.js'

/** As the panel's own pages order them: by weight, the smallest first; then by name (contracts/komari.md 1.13 no. 13). */
export function inPanelOrder<Row extends Pick<Node, 'weight' | 'name' | 'uuid'>>(
  nodes: readonly Row[],
): Row[] {
  return nodes.toSorted(
    (one, other) =>
      one.weight - other.weight || compareNatural(one.name, other.name) || (one.uuid < other.uuid ? -1 : 1),
  )
}

/** The nodes that we may see, in the panel's order; only those of a group where one is named. */
export async function readNodes(api: Api, group?: string): Promise<Node[]> {
  const nodes = await api(listNodes, {})
  return inPanelOrder(group === undefined ? nodes : nodes.filter(node => node.group === group))
}

/** The same with remark, addresses and agent version, where the credential is an administrator's. */
export async function readNodesInFull(client: Client, group?: string): Promise<Node[]> {
  const [nodes, more] = await Promise.all([readNodes(client.call, group), ofAdministrators(client)])
  return nodes.map(node => ({...node, ...more.get(node.uuid)}))
}

async function ofAdministrators(client: Client) {
  if ((await client.credentialKind(komari)) === undefined) return new Map<string, Partial<Node>>()
  const clients = await client.call(listClients, {}).catch((error: unknown) => {
    // Whoever may not read it sees what everybody does.
    if (error instanceof PanelctlError && ['AUTH', 'BAD_RESPONSE'].includes(error.code)) return []
    throw error
  })
  return new Map(
    clients.map(({uuid, remark, ipv4, ipv6, version}): [string, Partial<Node>] => {
      const known = Object.entries({remark, ipv4, ipv6, version}).filter(([, value]) => value !== undefined)
      return [uuid, Object.fromEntries(known)]
    }),
  )
}

/** A shorter beginning of a uuid is as likely a misspelt name: `db` and `ad` are hexadecimal. */
const SHORTEST_PREFIX = 4

/**
 * The node of a uuid, a unique name or the unique beginning of a uuid.
 * @throws PanelctlError NOT_FOUND with the nearest names, USAGE naming the candidates where there are several
 */
export function findNode(nodes: readonly Node[], reference: string): Node {
  const exact = nodes.find(({uuid}) => uuid === reference)
  if (exact) return exact
  // Names are not unique (contracts/komari.md 3.1).
  const named = nodes.filter(({name}) => name === reference)
  const matches =
    named.length > 0 || reference.length < SHORTEST_PREFIX
      ? named
      : nodes.filter(({uuid}) => uuid.startsWith(reference.toLowerCase()))
  const [match] = matches
  if (match && matches.length === 1) return match
  if (match) {
    const candidates = matches.map(({name, uuid}) => (named.length > 0 ? uuid : `${uuid} (${name})`))
    throw usageError(
      named.length > 0
        ? `${matches.length} nodes are called "${reference}": ${candidates.join(', ')}`
        : `${matches.length} nodes begin with ${reference}: ${candidates.join(', ')}`,
      'give the uuid',
    )
  }
  const names = nodes.map(({name}) => name)
  const listing = hint`${panelctl('komari node list')}; hidden nodes are shown to those who are logged in`
  throw new PanelctlError('NOT_FOUND', `there is no node "${reference}"`, {
    hint: didYouMean(reference, names, listing),
    panel: 'komari',
  })
}

/** One node. Always out of the list: elsewhere an unknown one is an empty answer or a refusal like any other (1.8 to 1.10). */
export async function oneNode(api: Api, reference: string): Promise<Node> {
  return findNode(await readNodes(api), reference)
}
