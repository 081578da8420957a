import {PanelctlError, usageError} from '../../errors.js'
import {hint, panelctl} from '../../hint.js'
import type {Client} from '../../http/client.js'
import {didYouMean} from '../../nearest-names.js'
import {compareNatural} from '../../output/natural.js'
import {begunWith} from '../../resource/target.js'
import {whoAmI} from './account.js'
import {listAllNodes, listNodes} from './endpoints.js'
import {komari} from './panel.js'
import type {Node} from './schemas.js'

/** As the panel's own pages order them: by weight, the smallest first; then by name (contracts/komari.md 1.13 no. 13). */
function inPanelOrder<Row extends Pick<Node, 'weight' | 'name' | 'uuid'>>(nodes: readonly Row[]): Row[] {
  return nodes.toSorted(
    (one, other) =>
      one.weight - other.weight || compareNatural(one.name, other.name) || (one.uuid < other.uuid ? -1 : 1),
  )
}

/**
 * All nodes that we may see, in the panel's order. To administrators out of their own list, which has remarks, addresses and
 * agent versions as well: up to 1.2.3 the public one hides hidden nodes from API keys (contracts/komari.md 1.14). What is
 * missing is noted; remarks and the like only for who shows them.
 */
export async function readNodes(
  client: Client,
  note: (text: string) => void,
  {shows = 'nodes'}: {readonly shows?: 'nodes' | 'states'} = {},
): Promise<Node[]> {
  const listed = client.call(listNodes, {})
  const [nodes, own] = await Promise.all([listed, ofAdministrators(client, listed)])
  if (!(own instanceof PanelctlError)) return inPanelOrder(own ?? nodes)
  const hasHidden = nodes.some(({hidden}) => hidden)
  if (!hasHidden) note(`hidden nodes may be missing: ${own.message}`)
  else if (shows === 'nodes') note(`remarks, addresses and versions are missing: ${own.message}`)
  return inPanelOrder(nodes)
}

/** Their own list, without the tokens of agents; for others undefined, or why it cannot be read. */
async function ofAdministrators(
  client: Client,
  beside?: Promise<unknown>,
): Promise<Node[] | PanelctlError | undefined> {
  if ((await client.credentialKind(komari)) === undefined) return undefined
  try {
    return (await client.call(listAllNodes, {})).map(({token: _, ...node}) => node)
  } catch (error) {
    if (!(error instanceof PanelctlError && ['AUTH', 'BAD_RESPONSE'].includes(error.code))) throw error
    // A credential may have become worthless since the run began. What was asked beside may say so itself.
    await beside
    if (error.code === 'AUTH') await whoAmI(client, () => {})
    return error
  }
}

/**
 * The node of a uuid, a unique name or the unique beginning of a uuid.
 * @throws PanelctlError NOT_FOUND with the nearest names, USAGE naming the candidates where there are several
 */
export function findNode<One extends Pick<Node, 'uuid' | 'name'>>(
  nodes: readonly One[],
  reference: string,
): One {
  const exact = nodes.find(({uuid}) => uuid === reference)
  if (exact) return exact
  // Names are not unique (contracts/komari.md 3.1).
  const named = nodes.filter(({name}) => name === reference)
  const matches = named.length > 0 ? named : begunWith(nodes, reference, ({uuid}) => uuid)
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

/** The nodes whose reports we may read, in the panel's order. */
export async function listedNodes(client: Client): Promise<Node[]> {
  return inPanelOrder(await client.call(listNodes, {}))
}

/** The nodes that are not listed, as up to 1.2.3 hidden ones are not to an API key (1.14). */
export async function keptNodes(client: Client, listed: readonly Node[]): Promise<Node[]> {
  const own = await ofAdministrators(client)
  const uuids = new Set(listed.map(({uuid}) => uuid))
  return Array.isArray(own) ? own.filter(({uuid}) => !uuids.has(uuid)) : []
}

/** What is said of nodes that are kept from us. */
export function keptWords(nodes: readonly Node[]): string {
  return `this version of Komari keeps from API keys what hidden nodes report: ${nodes.map(({name}) => name).join(', ')}`
}

/**
 * One node whose reports are to be read, out of those that are listed: elsewhere an unknown one is an empty answer or a
 * refusal like any other (1.8 to 1.10), and so is one that is kept from us.
 * @throws PanelctlError REJECTED for that one, else as findNode
 */
export async function oneNode(client: Client, reference: string, nodes?: readonly Node[]): Promise<Node> {
  const listed = nodes ?? (await listedNodes(client))
  try {
    return findNode(listed, reference)
  } catch (error) {
    if (!(error instanceof PanelctlError && error.code === 'NOT_FOUND')) throw error
    const kept = await keptNodes(client, listed)
    const node = findNode([...listed, ...kept], reference)
    throw new PanelctlError('REJECTED', keptWords([node]), {
      hint: hint`a session sees it, and so does a key from Komari 1.2.5 on: ${panelctl('komari login')}`,
      panel: 'komari',
    })
  }
}
