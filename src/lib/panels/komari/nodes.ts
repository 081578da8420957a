import {PanelctlError, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Client} from '../../http/client.js'
import {didYouMean} from '../../nearest-names.js'
import {compareNatural} from '../../output/natural.js'
import {listAllNodes, listNodes} from './endpoints.js'
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

/**
 * All nodes that we may see, in the panel's order. To administrators out of their own list, which has remarks, addresses and
 * agent versions as well: up to 1.2.3 the public one hides hidden nodes from API keys (contracts/komari.md 1.14).
 */
export async function readNodes(client: Client, note: (text: string) => void): Promise<Node[]> {
  const [nodes, own] = await Promise.all([client.call(listNodes, {}), ofAdministrators(client)])
  if (!(own instanceof PanelctlError)) return inPanelOrder(own ?? nodes)
  if (!nodes.some(({hidden}) => hidden)) note(`hidden nodes may be missing: ${own.message}`)
  return inPanelOrder(nodes)
}

/** Their own list, without the tokens of agents; for others undefined, or why it cannot be read. */
async function ofAdministrators(client: Client): Promise<Node[] | PanelctlError | undefined> {
  if ((await client.credentialKind(komari)) === undefined) return undefined
  try {
    return (await client.call(listAllNodes, {})).map(({token: _, ...node}) => node)
  } catch (error) {
    if (error instanceof PanelctlError && ['AUTH', 'BAD_RESPONSE'].includes(error.code)) return error
    throw error
  }
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

/**
 * One node whose reports are to be read, out of the public list: elsewhere an unknown one is an empty answer or a refusal
 * like any other (1.8 to 1.10), and so is, up to 1.2.3, a hidden one to an API key.
 * @throws PanelctlError REJECTED for a hidden one whose reports the panel keeps from us, else as findNode
 */
export async function oneNode(client: Client, reference: string, nodes?: readonly Node[]): Promise<Node> {
  try {
    return findNode(nodes ?? (await listedNodes(client)), reference)
  } catch (error) {
    const isUnknown = error instanceof PanelctlError && error.code === 'NOT_FOUND'
    const own = isUnknown ? await ofAdministrators(client) : undefined
    if (!Array.isArray(own)) throw error
    const {name} = findNode(own, reference)
    throw new PanelctlError(
      'REJECTED',
      `this version of Komari keeps what "${name}" reports from API keys, as it is hidden`,
      {
        hint: hint`a session sees it, and so does a key from Komari 1.2.5 on: ${panelctl('komari login')}`,
        panel: 'komari',
      },
    )
  }
}

/** The nodes whose reports we may read, in the panel's order. */
export async function listedNodes(client: Client): Promise<Node[]> {
  return inPanelOrder(await client.call(listNodes, {}))
}
