import type {Conversation} from '../../http/channel.js'
import type {Client} from '../../http/client.js'
import {type FollowOptions, follow} from '../../http/follow.js'
import {byGeneration} from '../../http/generation.js'
import {NotUpgraded} from '../../http/not-upgraded.js'
import {byId} from './listing.js'
import {nezha} from './panel.js'
import type {ServerDetails} from './schemas.js'
import {findServer} from './servers.js'
import {detailsOfV0} from './v0/details.js'
import {listGroups, listGroupsOfGuests, liveFeed} from './v1/endpoints.js'
import {isOnline, nodesOf, readNodes} from './v1/nodes.js'
import type {Frame, Group} from './v1/schemas.js'
import {refusal} from './v1/token-identity.js'

/** What a server reports now, of each generation alike: what only lists tell is left out. */
export interface ServerStatus
  extends Pick<ServerDetails, 'id' | 'name' | 'tag' | 'last_active' | 'reported' | 'host' | 'status'> {
  readonly online: boolean
}

interface Options {
  readonly client: Client
  readonly note: (text: string) => void
  /** By the panel's clock. */
  readonly now: () => Date
}

function statusOf(
  {id, name, tag, last_active, reported, host, status}: ServerDetails,
  now: Date,
): ServerStatus {
  return {id, name, tag, online: isOnline(last_active, now), last_active, reported, host, status}
}

/** The groups of what a frame shows: of others' servers, whose versions none is told (contracts/nezha.md 3.5), a member's list has none. */
async function groupsWith(
  own: readonly Group[],
  {servers}: Frame,
  client: Client,
): Promise<readonly Group[]> {
  const hasOthers = servers?.some(({host}) => host?.platform && !host.version)
  if (!hasOthers || (await client.credentialKind(nezha)) === undefined) return own
  const shown = client.call(listGroupsOfGuests, {})
  const others = (await refusal(shown)) ? [] : ((await shown) ?? [])
  const added = others.filter(({group}) => own.every(one => one.group.id !== group.id))
  return [...own, ...added].toSorted((one, other) => one.group.id - other.group.id)
}

/** Asks again and again: the details of v0, the WebSocket of v1 and v2, and their lists where a proxy passes none on. */
function source({client, note, now}: Options) {
  let feed: Conversation<Frame> | undefined
  let isCut = false
  let groups: readonly Group[] | undefined

  const ofV0 = async () => {
    const details = await detailsOfV0(client.call, {ids: [], tag: undefined})
    const rows = 'rows' in details ? details.rows : details
    return rows.map(row => statusOf(row, now()))
  }

  async function fromLists() {
    const nodes = byId(await readNodes(client.call, now))
    return nodes.map(node => statusOf(node, now()))
  }

  const ofNewer = async () => {
    if (isCut) return fromLists()
    try {
      // Groups change seldom, and a frame tells none (contracts/nezha.md 3.5).
      const own = groups ? [] : ((await client.call(listGroups, {})) ?? [])
      feed ??= await client.open(liveFeed)
      const frame = await feed.ask(undefined)
      groups ??= await groupsWith(own, frame, client)
      return byId(nodesOf(frame, groups)).map(node => statusOf(node, new Date(frame.now)))
    } catch (error) {
      if (!(error instanceof NotUpgraded)) throw error
      isCut = true
      note(`${error.message}; the lists are asked instead`)
      return fromLists()
    }
  }

  return {
    ask: () => byGeneration<ServerStatus[]>([ofV0, ofNewer]),
    close() {
      feed?.close()
      feed = undefined
      groups = undefined
    },
  }
}

/** Those of the rows that are named, all if none is. A deleted one that was there in the beginning is left out. */
function chosen(
  rows: readonly ServerStatus[],
  ids: ReadonlySet<number> | undefined,
): readonly ServerStatus[] {
  return ids === undefined ? rows : rows.filter(({id}) => ids.has(id))
}

function idsOf(
  rows: readonly ServerStatus[],
  references: readonly string[],
): ReadonlySet<number> | undefined {
  if (references.length === 0) return undefined
  return new Set(references.map(reference => findServer(rows, reference).id))
}

/**
 * The state of all servers, or of those named, at this moment.
 * @throws PanelctlError as `findServer`
 */
export async function serverStatus(
  references: readonly string[],
  options: Options,
): Promise<readonly ServerStatus[]> {
  const panel = source(options)
  try {
    const rows = await panel.ask()
    return chosen(rows, idsOf(rows, references))
  } finally {
    panel.close()
  }
}

/** The same again and again. A name is of the server that had it in the beginning. */
export async function* followServers(
  references: readonly string[],
  options: Options & FollowOptions,
): AsyncGenerator<readonly ServerStatus[], void> {
  const panel = source(options)
  let ids: ReadonlySet<number> | undefined
  yield* follow(
    async () => panel,
    async conversation => {
      const rows = await conversation.ask(undefined)
      ids ??= idsOf(rows, references)
      return chosen(rows, ids)
    },
    options,
  )
}
