import type {Client} from '../../http/client.js'
import {type FollowOptions, follow} from '../../http/follow.js'
import {liveFeed} from './endpoints.js'
import {findNode, readNodes} from './nodes.js'
import {komari} from './panel.js'
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
export function joinStatus(nodes: readonly Node[], feed: Feed): NodeStatus[] {
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

async function nodesOf(client: Client, references: readonly string[]): Promise<Node[]> {
  const nodes = await readNodes(client.call)
  if (references.length === 0) return nodes
  const asked = new Set(references.map(reference => findNode(nodes, reference)))
  return nodes.filter(node => asked.has(node))
}

async function noteHidden(client: Client, nodes: readonly Node[], note: (text: string) => void) {
  const hidden = nodes.filter(node => node.hidden === true)
  // The feed looks at the cookie alone (1.11, trap 7).
  if (hidden.length === 0 || (await client.credentialKind(komari)) !== 'token') return
  note(
    `the live feed shows hidden nodes to a session only, not to an API key: ${hidden.map(({name}) => name).join(', ')}`,
  )
}

/** The state of all nodes, or of those named, at this moment. */
export async function nodeStatus(
  client: Client,
  references: readonly string[],
  note: (text: string) => void,
): Promise<NodeStatus[]> {
  const nodes = await nodesOf(client, references)
  const status = joinStatus(nodes, await client.askChannel(liveFeed, QUESTION))
  await noteHidden(client, nodes, note)
  return status
}

/** The list of nodes is read again when the feed mentions one that is not in it, but not more often than this. */
const NODES_AGE = 60_000

/** The state of the nodes again and again, over one connection that is opened anew where it ends. */
export async function* followStatus(
  client: Client,
  references: readonly string[],
  options: FollowOptions & {note(text: string): void; now(): Date},
): AsyncGenerator<NodeStatus[], void> {
  let nodes: Node[] = []
  let readAt = 0

  async function readAgain() {
    nodes = await nodesOf(client, references)
    readAt = options.now().getTime()
  }

  await readAgain()
  await noteHidden(client, nodes, options.note)
  const snapshots = follow(
    async () => {
      if (options.now().getTime() - readAt > NODES_AGE) await readAgain()
      return client.open(liveFeed)
    },
    conversation => conversation.ask(QUESTION),
    options,
  )
  for await (const feed of snapshots) {
    const isNew = (uuid: string) => references.length === 0 && !nodes.some(node => node.uuid === uuid)
    // A deleted node stays in the feed, so that being unknown does not make it new (1.11).
    if (options.now().getTime() - readAt > NODES_AGE && feed.online.some(isNew)) await readAgain()
    yield joinStatus(nodes, feed)
  }
}
