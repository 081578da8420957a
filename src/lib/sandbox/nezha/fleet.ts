import type {Clock} from '../listen.js'
import {type Random, randomText} from '../random.js'
import {type Agent, type AgentMachine, machineFor, neverActive, observe} from './agent.js'
import type {NezhaMonitor, Ping} from './pings.js'

export interface NezhaServer {
  readonly id: number
  readonly name: string
  readonly tag: string
  readonly note: string
  /** 18 characters; what the agent on it logs in with. */
  readonly secret: string
  readonly displayIndex: number
  readonly hidden: boolean
  readonly agent: Agent
  // What follows shows on v1 and v2 alone.
  readonly uuid: string
  readonly publicNote: string
  /** Milliseconds since 1970; of a row that an agent makes, when it comes. */
  readonly createdAt: number
  readonly updatedAt: number
  /** The user it belongs to. */
  readonly ownerId: number
  /** What binds it to profiles of dynamic DNS, by the panel's names. */
  readonly ddns: Readonly<Record<string, unknown>>
}

/** A server to add; what is left out is as register would have it, but visible to guests. */
export type NewServer = Partial<NezhaServer> & Pick<NezhaServer, 'name'>

/** The servers and monitors of an emulated dashboard of any generation, and who reports to it. */
export class Fleet {
  readonly monitors = new Map<number, NezhaMonitor>()
  readonly #servers = new Map<number, NezhaServer>()
  readonly #pings = new Map<number, Map<number, Ping[]>>()
  #lastId = 0

  constructor(
    readonly now: Clock,
    readonly random: Random,
    /** Of the agents that are installed. */
    readonly agentVersion: string,
  ) {}

  /** Every server, in the order they came to their tags. */
  get servers(): ReadonlyMap<number, NezhaServer> {
    return this.#servers
  }

  /** Adds a server under the next id, or under the given one. */
  add(server: NewServer): NezhaServer {
    const added: NezhaServer = {
      id: this.#lastId + 1,
      tag: '',
      note: '',
      secret: randomText(18, this.random),
      displayIndex: 0,
      hidden: false,
      agent: {kind: 'none'},
      uuid: '',
      publicNote: '',
      createdAt: this.now(),
      updatedAt: this.now(),
      ownerId: 1,
      ddns: {},
      ...server,
    }
    if (this.#servers.has(added.id)) throw new Error(`server ${added.id} is there already`)
    this.#lastId = Math.max(this.#lastId, added.id)
    this.#servers.set(added.id, added)
    return added
  }

  /** Changes a server; a new tag puts it at the end of that tag's index. Throws on an unknown id. */
  update(id: number, changes: Partial<Omit<NezhaServer, 'id'>>): NezhaServer {
    const known = this.#known(id)
    const updated = {...known, ...changes}
    if (updated.tag !== known.tag) this.#servers.delete(id)
    this.#servers.set(id, updated)
    return updated
  }

  /** Deletes a server; its id is never used again. */
  remove(id: number): void {
    this.#servers.delete(id)
  }

  /** An agent on this machine connects to a server now, or at the given moment. */
  connect(id: number, machine: AgentMachine, reportEverySeconds = 1, connectedAt = this.now()): NezhaServer {
    const seen = observe(this.#known(id).agent, connectedAt)
    const previous = seen.lastActive === neverActive ? {} : {previous: seen}
    return this.update(id, {agent: {kind: 'machine', machine, connectedAt, reportEverySeconds, ...previous}})
  }

  /** The agent of a server goes away now, or went at the given moment; its last values stay frozen. */
  disconnect(id: number, disconnectedAt = this.now()): NezhaServer {
    const {agent} = this.#known(id)
    return agent.kind === 'machine' ? this.update(id, {agent: {...agent, disconnectedAt}}) : this.#known(id)
  }

  /** The dashboard starts anew: hosts, status and last_active are forgotten, history stays (1.4). */
  restart(): void {
    for (const id of this.#servers.keys()) this.update(id, {agent: {kind: 'none'}})
  }

  /** The machine of this number, with an agent of this dashboard's generation. */
  machine(seed: number, at = this.now()): AgentMachine {
    return machineFor(seed, at, this.agentVersion)
  }

  /** Rows of history in place of the made ones; a monitor that does not exist makes the panel panic (1.5). */
  setPings(serverId: number, monitorId: number, pings: readonly Ping[]): void {
    const monitors = this.#pings.get(serverId) ?? new Map<number, Ping[]>()
    monitors.set(monitorId, [...pings])
    this.#pings.set(serverId, monitors)
  }

  /** The rows that were set for a server, by monitor id; `undefined` when none were. */
  pingsSetFor(serverId: number): ReadonlyMap<number, readonly Ping[]> | undefined {
    return this.#pings.get(serverId)
  }

  /** Adds a monitor under the next id. */
  addMonitor(monitor: Partial<NezhaMonitor> & Pick<NezhaMonitor, 'name'>): NezhaMonitor {
    const id = Math.max(0, ...this.monitors.keys()) + 1
    const added: NezhaMonitor = {
      id,
      type: 'icmp',
      delayMs: 20,
      loss: 0,
      skipServers: new Set(),
      ...monitor,
    }
    this.monitors.set(added.id, added)
    return added
  }

  #known(id: number): NezhaServer {
    const server = this.#servers.get(id)
    if (!server) throw new Error(`there is no server ${id}`)
    return server
  }
}
