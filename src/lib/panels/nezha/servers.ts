import {PanelctlError, usageError} from '../../errors.js'
import type {Api, Client} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import {NotUpgraded} from '../../http/not-upgraded.js'
import {byId, type Found, findRow, idIn, listing, type Noun, namedRow, noServers} from './listing.js'
import {nezha} from './panel.js'
import type {Server, ServerDetails} from './schemas.js'
import {detailsOfV0} from './v0/details.js'
import {listDetails, listServers} from './v0/endpoints.js'
import {liveFeed, showProfile} from './v1/endpoints.js'
import {readNodes} from './v1/nodes.js'
import {tokenIdentity} from './v1/token-identity.js'

/** What reading servers takes of a run. */
export interface Reading {
  readonly api: Api
  /** By the panel's clock. */
  now(): Date
}

async function nodesWith({api, now}: Reading, tag: string | undefined): Promise<ServerDetails[]> {
  const nodes = byId(await readNodes(api, now))
  return tag === undefined ? nodes : nodes.filter(({groups}) => groups?.includes(tag))
}

/** The servers, or those of a tag: with what `/server/list` of v0 has, and what newer ones tell besides. */
export async function allServers(
  run: Reading,
  {tag}: {readonly tag?: string | undefined} = {},
): Promise<Server[]> {
  const ofV0 = async () => byId(await run.api(listServers, {query: {tag}}))
  const newer = async () => (await nodesWith(run, tag)).map(({host: _, status: __, ...server}) => server)
  return byGeneration([ofV0, newer])
}

/** The tags that servers have. */
export async function tagsOf(run: Reading): Promise<string[]> {
  return (await allServers(run)).flatMap(({tag, groups}) => groups ?? tag)
}

/** Those of the servers that have these ids, in their order. */
function withIds(all: readonly ServerDetails[], ids: readonly number[]): readonly ServerDetails[] | Found {
  const asked = [...new Set(ids)]
  const rows = asked.flatMap(id => all.find(server => server.id === id) ?? [])
  const missing = asked.filter(id => !rows.some(server => server.id === id))
  if (missing.length === 0) return rows
  if (rows.length === 0) throw new PanelctlError('NOT_FOUND', noServers(missing), listing)
  return {rows, problem: new PanelctlError('PARTIAL', noServers(missing), listing)}
}

/**
 * Details of all servers, of these ids, or of a tag.
 * @throws PanelctlError USAGE for ids and a tag together: the panel and its documentation disagree on which wins
 * (contracts/nezha.md 1.8 no. 1, trap 4); NOT_FOUND where none of the ids exists
 */
export async function detailsOfServers(
  run: Reading,
  {ids, tag}: {readonly ids: readonly number[]; readonly tag: string | undefined},
): Promise<readonly ServerDetails[] | Found> {
  if (ids.length > 0 && tag !== undefined)
    throw usageError('ids and --tag contradict each other', 'give one of them')
  return byGeneration([
    () => detailsOfV0(run.api, {ids, tag}),
    async () => {
      const nodes = await nodesWith(run, tag)
      return ids.length > 0 ? withIds(nodes, ids) : nodes
    },
  ])
}

/** What a server is called in messages. */
const serverNoun: Noun<Pick<Server, 'id' | 'name' | 'tag'>> = {
  noun: 'server',
  list: 'nezha server list',
  also: ({tag}) => tag,
}

const ofMembers = 'the account of a member is shown its own alone'

/** The same in the lists of v1 and v2; others are in `status` alone, where guests may see them. v0 has no members. */
export const newerServerNoun: typeof serverNoun = {
  ...serverNoun,
  kept: `${ofMembers}, and a token for some servers those`,
}

/** Why a list may be empty: the account is known to be a member's, or the token to be for some servers, which one tells where MCP is switched on. */
export async function whyNone(client: Client): Promise<string | undefined> {
  if ((await client.generation(nezha)) === 'v0') return undefined
  const isToken = (await client.credentialKind(nezha)) === 'token'
  const identity = isToken ? await tokenIdentity(client) : undefined
  if (identity?.server_ids?.length) return 'a token for some servers is shown what is of those alone'
  const isMember = isToken ? identity?.is_admin === false : (await client.call(showProfile, {})).role === 1
  return isMember ? ofMembers : undefined
}

/**
 * The server of a list that has this id or, else, this unique name.
 * @throws PanelctlError NOT_FOUND for an unknown one, USAGE for a name that several servers have
 */
export function findServer<Row extends Pick<Server, 'id' | 'name' | 'tag'>>(
  all: readonly Row[],
  reference: string,
): Row {
  return findRow(all, reference, serverNoun)
}

/**
 * The id of a server given by its id or its unique name. An id is taken as it is, so that it works for guests, who may not
 * list.
 * @throws PanelctlError as `findServer`
 */
export async function serverId(run: Reading, reference: string): Promise<number> {
  const ofV0 = async () => namedRow(byId(await run.api(listServers, {query: {}})), reference, serverNoun).id
  const newer = async () => namedRow(await nodesWith(run, undefined), reference, newerServerNoun).id
  return idIn(reference) ?? byGeneration([ofV0, newer])
}

/**
 * One server by its id or its unique name; an id wins over a name made of digits.
 * @throws PanelctlError as `findServer`, BAD_RESPONSE for one that cannot be read (trap 39)
 */
export async function oneServer(run: Reading, reference: string): Promise<ServerDetails> {
  const {api} = run
  const ofV0 = async () => {
    const id = idIn(reference)
    const [byNumber] = id === undefined ? [] : await api(listDetails, {query: {id: String(id)}})
    if (byNumber) return byNumber
    const {id: found} = namedRow(byId(await api(listServers, {query: {}})), reference, serverNoun)
    const [byName] = await api(listDetails, {query: {id: String(found)}})
    if (byName) return byName
    throw new PanelctlError('NOT_FOUND', `server "${reference}" has just been deleted`, {panel: 'nezha'})
  }
  const newer = async () => findRow(await nodesWith(run, undefined), reference, newerServerNoun)
  return byGeneration([ofV0, newer])
}

/** Those that everybody may see, and the account's; none where no WebSocket gets through to them. */
export async function shownServers(client: Client) {
  try {
    return (await client.askChannel(liveFeed, undefined)).servers ?? []
  } catch (error) {
    if (error instanceof NotUpgraded) return []
    throw error
  }
}
