import {createHash} from 'node:crypto'
import type {Clock} from '../listen.js'
import {type Random, randomText} from '../random.js'
import {type Agent, type AgentMachine, machineFor, neverActive, observe} from './agent.js'
import {type Features, featuresOf} from './features.js'
import type {Language} from './page.js'
import type {NezhaMonitor, Ping} from './pings.js'
import type {NezhaWorld} from './seed.js'

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
}

/** A server to add; what is left out is as register would have it, but visible to guests. */
export type NewServer = Partial<NezhaServer> & Pick<NezhaServer, 'name'>

/**
 * Everything an emulated dashboard knows. Routes read it; tests and the fake install script change
 * it while it runs.
 */
export class NezhaState {
  /** Accepted as a bare `Authorization`. */
  readonly tokens = new Set<string>()
  /** Login cookies and when they expire (milliseconds since 1970). */
  readonly sessions = new Map<string, number>()
  readonly monitors = new Map<number, NezhaMonitor>()
  /** Requests whose Host is one of these go to an agent that is not connected (contracts/nezha.md 1.1). */
  readonly natDomains = new Set<string>()
  /** With no row in the users table every token and cookie is refused (1.2). */
  hasUser = true
  /**
   * The SQLite file is locked by another process: `writes` makes register fail, `everything` also
   * every login and history (1.2, 1.5, 1.6). The five seconds a real panel waits first are left out.
   */
  databaseLock: 'none' | 'writes' | 'everything' = 'none'
  /** The deadlock of 1.7: list, details and register never answer, and register has written its server. */
  wedged = false
  readonly features: Features
  cookieName: string
  viewPassword: string | undefined
  /** The site's name on the error page. */
  brand = 'Nezha Monitoring'
  language: Language = 'zh-CN'

  readonly #servers = new Map<number, NezhaServer>()
  readonly #pings = new Map<number, Map<number, Ping[]>>()
  #lastId = 0

  constructor(
    {profile, cookieName, viewPassword}: NezhaWorld,
    readonly now: Clock,
    readonly random: Random,
  ) {
    this.features = featuresOf(profile)
    this.cookieName = cookieName
    this.viewPassword = viewPassword
  }

  /** Every server, in the order they came to their tags. */
  get servers(): ReadonlyMap<number, NezhaServer> {
    return this.#servers
  }

  /** The servers of a tag in the order of the panel's index: as they came to it (1.3). */
  tagged(tag: string): NezhaServer[] {
    return [...this.#servers.values()].filter(server => server.tag === tag)
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

  /**
   * The agent with this secret starts: its host is known at once, its first status one report
   * interval later, and it goes on reporting. Gives the server, or `undefined` for a wrong secret
   * (a real agent retries for ever and is never seen: 1.6).
   */
  report(secret: string, reportEverySeconds = 1): NezhaServer | undefined {
    const server = [...this.#servers.values()].find(candidate => candidate.secret === secret)
    if (!server) return undefined
    const machine = server.agent.kind === 'machine' ? server.agent.machine : machineFor(server.id, this.now())
    return this.connect(server.id, machine, reportEverySeconds)
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
    this.wedged = false
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

  /**
   * The value of the `<cookieName>-vp` cookie that the view password gives. The panel's is a bcrypt
   * hash; this one only looks like it.
   */
  viewPasswordCookie(): string | undefined {
    if (this.viewPassword === undefined) return undefined
    const digest = createHash('sha512').update(this.viewPassword).digest('base64').replaceAll(/[+=]/g, '.')
    return `$2a$10$${digest.slice(0, 53)}`
  }

  #known(id: number): NezhaServer {
    const server = this.#servers.get(id)
    if (!server) throw new Error(`there is no server ${id}`)
    return server
  }
}
