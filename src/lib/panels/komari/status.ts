import {PanelctlError} from '../../errors.js'
import type {Conversation} from '../../http/channel.js'
import type {Client} from '../../http/client.js'
import {type FollowOptions, follow} from '../../http/follow.js'
import {NotUpgraded} from '../../http/not-upgraded.js'
import {liveFeed} from './endpoints.js'
import {readLatestStatus} from './latest-status.js'
import {findNode, readNodes} from './nodes.js'
import {komari} from './panel.js'
import {NoSuchMethod} from './rpc-failure.js'
import type {Feed, Node, Report} from './schemas.js'

/** A node with what the live feed says of it; null where the feed does not mention it. */
export interface NodeStatus extends Partial<Report> {
  readonly uuid: string
  readonly name: string
  readonly online: boolean | null
}

/** What the feed is asked. With a uuid behind it, it is known since 1.0.6 only (contracts/komari.md 1.11). */
const QUESTION = 'get'

/**
 * The nodes with what the feed says. It mentions deleted nodes, and `online` in random order; it keeps the last report of
 * those that are offline, and knows nothing of those that have not reported since the panel started (1.11, traps 11, 33).
 */
function joinStatus(nodes: readonly Node[], feed: Feed): NodeStatus[] {
  const online = new Set(feed.online)
  return nodes.map(({uuid, name}) => {
    const report = Object.hasOwn(feed.data, uuid) ? feed.data[uuid] : undefined
    return {
      uuid,
      name,
      online: online.has(uuid) ? true : report === undefined ? null : false,
      ...report,
    }
  })
}

/** Asks the live feed, and what it does not show over RPC2. */
function liveSource(client: Client, note: (text: string) => void) {
  const noted = new Set<string>()
  /** Whether the feed has said something: what fails from then on is no matter of WebSockets, and passes. */
  let works = false

  function noteOnce(text: string) {
    if (!noted.has(text)) note(text)
    noted.add(text)
  }

  /** The feed looks at the cookie alone (contracts/komari.md 1.11, trap 7): hidden nodes are not in it for an API key. */
  async function withHidden(nodes: readonly Node[], feed: Feed): Promise<Feed> {
    const hidden = nodes.filter(node => node.hidden === true)
    if (hidden.length === 0 || (await client.credentialKind(komari)) !== 'token') return feed
    const uuids = hidden.map(({uuid}) => uuid)
    try {
      const latest = await readLatestStatus(client, uuids)
      return {online: [...feed.online, ...latest.online], data: {...feed.data, ...latest.data}}
    } catch (error) {
      if (!(error instanceof PanelctlError && ['REJECTED', 'BAD_RESPONSE'].includes(error.code))) throw error
      const names = hidden.map(({name}) => name).join(', ')
      const why = error instanceof NoSuchMethod ? '' : `; asked over RPC2, ${error.message}`
      noteOnce(`the live feed shows hidden nodes to a session only, not to an API key: ${names}${why}`)
      return feed
    }
  }

  /** What RPC2 says where the feed brings nothing, as through a proxy that knows no WebSockets. */
  async function inPlaceOfFeed(failure: unknown): Promise<Feed> {
    const passes = works && failure instanceof NotUpgraded && failure.code === 'UNREACHABLE'
    if (!(failure instanceof NotUpgraded) || passes) throw failure
    const latest = await readLatestStatus(client).catch(error => {
      // Nothing to ask, or behind the same proxy: with WebSockets it would work.
      const isOutOfReach = error instanceof PanelctlError && error.code === 'BAD_RESPONSE'
      throw error instanceof NoSuchMethod || isOutOfReach ? failure : error
    })
    noteOnce(`${failure.message}; asked over RPC2 instead`)
    return latest
  }

  return {
    /** All nodes, or those that are named. */
    async nodes(references: readonly string[]): Promise<Node[]> {
      const nodes = await readNodes(client, noteOnce, {shows: 'states'})
      if (references.length === 0) return nodes
      const asked = new Set(references.map(reference => findNode(nodes, reference)))
      return nodes.filter(node => asked.has(node))
    },
    withHidden,
    async once(nodes: readonly Node[]): Promise<Feed> {
      const feed = client.askChannel(liveFeed, QUESTION)
      return feed.then(said => withHidden(nodes, said), inPlaceOfFeed)
    },
    /** At its first question, so that RPC2 answers in its place. */
    async open(): Promise<Conversation<Feed>> {
      let conversation: Conversation<Feed> | undefined
      let failure: unknown
      async function fromFeed(question: string | undefined): Promise<Feed> {
        if (failure !== undefined) throw failure
        conversation ??= await client.open(liveFeed)
        const said = await conversation.ask(question)
        works = true
        return said
      }
      return {
        ask: question =>
          fromFeed(question).catch(error => {
            failure = error
            return inPlaceOfFeed(error)
          }),
        close: () => conversation?.close(),
      }
    },
  }
}

/** The state of all nodes, or of those named, at this moment. */
export async function nodeStatus(
  client: Client,
  references: readonly string[],
  note: (text: string) => void,
): Promise<NodeStatus[]> {
  const source = liveSource(client, note)
  const nodes = await source.nodes(references)
  return joinStatus(nodes, await source.once(nodes))
}

/** How long a list of the nodes is believed: the feed tells of none that is added, renamed or deleted (7.3). */
const NODES_AGE = 30_000

/** The state of the nodes again and again, over one connection that is opened anew where it ends. */
export async function* followStatus(
  client: Client,
  references: readonly string[],
  options: FollowOptions & {note(text: string): void; now(): Date},
): AsyncGenerator<NodeStatus[], void> {
  const source = liveSource(client, options.note)
  let nodes: Node[] = []
  let readAt = 0
  let named: Set<string> | undefined
  // Deleted nodes stay in the feed (1.11): each is looked for once.
  let seen = new Set<string>()

  async function readAgain() {
    nodes = await source.nodes(named === undefined ? references : [])
    // A name is of the node that had it in the beginning.
    if (references.length > 0) {
      named ??= new Set(nodes.map(({uuid}) => uuid))
      nodes = nodes.filter(({uuid}) => named?.has(uuid))
    }
    readAt = options.now().getTime()
  }

  await readAgain()
  const snapshots = follow(
    () => source.open(),
    async conversation => {
      const feed = await conversation.ask(QUESTION)
      const isStranger = (uuid: string) => !seen.has(uuid) && !nodes.some(node => node.uuid === uuid)
      const isNew = references.length === 0 && feed.online.some(isStranger)
      if (isNew || options.now().getTime() - readAt > NODES_AGE) await readAgain()
      seen = new Set(feed.online)
      return joinStatus(nodes, await source.withHidden(nodes, feed))
    },
    options,
  )
  yield* snapshots
}
