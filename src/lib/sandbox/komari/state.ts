import type {Fields} from '../json-object.js'
import type {Clock} from '../listen.js'
import {type Random, randomText, uuidOf} from '../random.js'
import type {Agent} from './agent.js'
import {type Features, featuresOf} from './features.js'
import {type Instant, instantAt, type TimeFormat} from './instant.js'
import type {GpuRecord, LoadRecord} from './load-records.js'
import {type KeptMetric, metricNames, newMetric} from './metric-definitions.js'
import {editNode, emptyNode, type NodeColumns} from './node.js'
import type {LoadRule, OfflineRule, TrafficRule} from './notification-rules.js'
import type {PingRecord, PingTask} from './ping-records.js'
import type {AgentMachine, Metrics} from './report.js'
import {codes, RpcError} from './rpc-error.js'
import type {KomariMode, KomariWorld} from './seed.js'
import type {SentCommand} from './sent-command.js'
import {defaultSettings, type Settings} from './settings.js'

export interface KomariNode {
  columns: NodeColumns
  /** Errors that reading the row gives, by column (contracts/komari.md 3.1). */
  broken: ReadonlyMap<string, string>
  agent: Agent
  /** Decides its probes. */
  seed: number
}

/** A node to add; what is left out is as the panel makes it. */
export type NewNode = Partial<NodeColumns> & Pick<NodeColumns, 'name'>

export interface KomariUser {
  readonly uuid: string
  readonly username: string
  readonly password: string
  /** The Base32 secret of 2FA, when it is on. */
  readonly totpSecret: string | undefined
}

/** A session as the panel lists it. */
export type KomariSession = ReturnType<KomariState['addSession']>

const day = 86_400_000

/**
 * Everything an emulated panel knows. Routes read it, edits and tests change it while it runs.
 */
export class KomariState {
  readonly features: Features
  readonly time: TimeFormat
  settings: Settings
  mode: KomariMode
  user: KomariUser
  readonly sessions = new Map<string, KomariSession>()
  readonly tasks = new Map<number, PingTask>()
  readonly logs: Array<{
    readonly message: string
    readonly type: string
    readonly at: Instant
    readonly uuid: string
    readonly ip: string
  }> = []
  /** By node: records in place of the made ones; pings of one time come in the order they have here. */
  readonly load = new Map<string, readonly LoadRecord[]>()
  readonly gpu = new Map<string, readonly GpuRecord[]>()
  readonly pings = new Map<string, readonly PingRecord[]>()
  /** Results of probes that arrived; their task need not exist (contracts/komari.md trap 33). */
  readonly results: PingRecord[] = []
  /** What is kept of each metric: for so many days since 1.2.7, as its settings say before. */
  readonly metrics: Map<string, KeptMetric>
  /** Rules of notifications: of nodes that went by their uuid, of loads by number, of traffic by uuid. */
  readonly offlineRules = new Map<string, OfflineRule>()
  readonly loadRules = new Map<number, LoadRule>()
  lastLoadRule = 0
  readonly trafficRules = new Map<string, TrafficRule>()
  /** What was set of message senders and of OIDC providers, by name: a text that should be JSON. */
  readonly senders = new Map<string, string>()
  readonly oidcProviders = new Map<string, string>()
  /** What the other side of the chosen sender fails with, for tests. */
  senderFailure: string | undefined
  /** Commands that were sent to nodes. */
  readonly commands = new Map<string, SentCommand>()
  /** Nodes whose agent was started with `--disable-web-ssh`. */
  readonly refusesCommands = new Set<string>()
  /** Milliseconds since 1970; 0 for a panel that has run for ever. */
  startedAt = 0

  readonly #nodes = new Map<string, KomariNode>()
  /** Nodes that were deleted: the feed goes on showing them until a restart (contracts/komari.md 1.11). */
  readonly #removed = new Map<string, KomariNode>()
  #lastTask = 0

  constructor(
    {profile, utcOffsetMinutes, username, password, totpSecret, mode, retentionDays}: KomariWorld,
    readonly now: Clock,
    readonly random: Random,
  ) {
    this.features = featuresOf(profile)
    const precise = this.features.metrics
    this.time = {precise, offsetMinutes: precise ? 0 : utcOffsetMinutes}
    this.settings = defaultSettings(this.features)
    this.user = {uuid: this.newUuid(), username, password, totpSecret}
    this.mode = mode
    const kept = precise ? retentionDays : Number.POSITIVE_INFINITY
    this.metrics = new Map(metricNames.map(name => [name, newMetric(kept, this.instant())]))
  }

  /** Every node in the order they were added. */
  get nodes(): ReadonlyMap<string, KomariNode> {
    return this.#nodes
  }

  /** What the live feed and the latest status go through: deleted nodes are still among them. */
  get feed(): ReadonlyMap<string, KomariNode> {
    return new Map([...this.#nodes, ...this.#removed])
  }

  /** Hours that history goes back. */
  get retentionHours(): number {
    if (!this.features.metrics) return Number(this.settings.record_preserve_time)
    return Math.max(...[...this.metrics.values()].map(({days}) => days * 24))
  }

  /** Whether history is kept of every metric. */
  get recordsAll(): boolean {
    return [...this.metrics.values()].every(({days}) => days > 0)
  }

  instant(): Instant {
    return instantAt(this.now())
  }

  newUuid(): string {
    return uuidOf(this.random)
  }

  /** Adds a node; it joins the ping tasks that are on by default. Throws when its uuid is taken. */
  add(node: NewNode): KomariNode {
    const uuid = node.uuid ?? this.newUuid()
    if (this.#nodes.has(uuid)) throw new Error(`node ${uuid} is there already`)
    const at = this.instant()
    const added: KomariNode = {
      columns: {
        ...emptyNode,
        token: randomText(22, this.random),
        created_at: at,
        updated_at: at,
        ...node,
        uuid,
        name: node.name || `client_${uuid.slice(0, 8)}`,
      },
      broken: new Map(),
      agent: {reports: []},
      seed: Number.parseInt(uuid.slice(0, 8), 16) | 0,
    }
    this.#nodes.set(uuid, added)
    for (const task of this.tasks.values()) {
      if (task.default_on) this.tasks.set(task.id, {...task, clients: [...task.clients, uuid]})
    }
    return added
  }

  /** Changes columns, whatever an admin may. Throws on an unknown uuid. */
  update(uuid: string, columns: Partial<Omit<NodeColumns, 'uuid'>>): KomariNode {
    const known = this.#known(uuid)
    known.columns = {...known.columns, ...columns}
    return known
  }

  /** The edit route: throws `RpcError` in the panel's words; an unknown uuid changes nothing. */
  edit(uuid: string, changes: Readonly<Record<string, unknown>>): void {
    const owner = typeof changes.token === 'string' ? this.withToken(changes.token) : undefined
    if (owner && owner.columns.uuid !== uuid && this.#nodes.has(uuid)) {
      throw new RpcError(codes.internal, 'UNIQUE constraint failed: clients.token')
    }
    const target = this.#nodes.get(uuid) ?? {columns: emptyNode, broken: new Map<string, string>()}
    Object.assign(target, editNode(target.columns, target.broken, changes, this.features, this.instant()))
  }

  /** Deletes a node and its history. The feed keeps it, tasks and rules name it, its agent goes on reporting (7.5). */
  remove(uuid: string): void {
    const known = this.#nodes.get(uuid)
    if (!known) return
    this.#nodes.delete(uuid)
    this.#removed.set(uuid, known)
    for (const history of [this.load, this.gpu, this.pings]) history.delete(uuid)
  }

  /** The node an agent's token belongs to. */
  withToken(token: string): KomariNode | undefined {
    return [...this.#nodes.values()].find(({columns}) => columns.token === token)
  }

  /** The error that reading the nodes gives, when one row is broken. */
  get brokenRow(): string | undefined {
    for (const {broken} of this.#nodes.values()) for (const message of broken.values()) return message
    return undefined
  }

  /** An agent on this machine connects now, or connected at the given moment. */
  connect(uuid: string, machine: AgentMachine, reportEverySeconds = 3, connectedAt = this.now()): KomariNode {
    const known = this.#known(uuid)
    known.agent.machine = {machine, connectedAt, reportEverySeconds}
    known.seed = machine.seed
    return known
  }

  /** The agent goes away now, or went at the given moment; its last report stays. */
  disconnect(uuid: string, disconnectedAt = this.now()): void {
    const {agent} = this.#known(uuid)
    if (agent.machine) agent.machine = {...agent.machine, disconnectedAt}
  }

  /** A report arrives now, or arrived at the given moment; it replaces nothing. */
  report(uuid: string, metrics: Metrics & {posted?: boolean}, at: Instant = this.instant()): void {
    const {agent} = this.feed.get(uuid) ?? this.#known(uuid)
    agent.reports = [...agent.reports, {...metrics, at}].sort((one, other) => (one.at < other.at ? -1 : 1))
  }

  /** Adds a task under the next id, or under the given one. */
  addTask(task: Partial<PingTask> & Pick<PingTask, 'name'>): PingTask {
    const id = task.id ?? this.#lastTask + 1
    this.#lastTask = Math.max(this.#lastTask, id)
    const added: PingTask = {
      weight: id,
      clients: [],
      default_on: false,
      type: 'icmp',
      target: '127.0.0.1',
      interval: 60,
      delayMs: 20,
      loss: 0,
      ...task,
      id,
    }
    this.tasks.set(id, added)
    return added
  }

  /** Deletes a task and its records. */
  removeTask(id: number): boolean {
    for (const [uuid, rows] of this.pings) {
      this.pings.set(
        uuid,
        rows.filter(({task_id}) => task_id !== id),
      )
    }
    return this.tasks.delete(id)
  }

  /** By weight, then by id. */
  tasksInOrder(): PingTask[] {
    return [...this.tasks.values()].sort((one, other) => one.weight - other.weight || one.id - other.id)
  }

  /** An agent tells the result of a probe. */
  probed(client: string, {task_id, value}: Fields): void {
    const at = this.now()
    this.results.push({task_id: Number(task_id), value: Math.round(Number(value)), client, at})
  }

  /** A session as a login makes it: 30 days, no longer for being used. */
  addSession(token: string, user_agent = '') {
    const at = this.instant()
    const session = {
      uuid: this.user.uuid,
      session: token,
      user_agent,
      ip: '127.0.0.1',
      login_method: 'password',
      latest_online: at,
      latest_user_agent: '',
      latest_ip: '',
      expires: at + BigInt(30 * day) * 1_000_000n,
      created_at: at,
    }
    this.sessions.set(token, session)
    return session
  }

  /** The session of a cookie, unless it expired: then it is gone. */
  session(token: string): KomariSession | undefined {
    const session = this.sessions.get(token)
    if (!session) return undefined
    if (session.expires > this.instant()) return session
    this.sessions.delete(token)
    return undefined
  }

  /** A line of the log: of a user, of a key (`''`) or, without one, of the panel itself. */
  log(message: string, type: 'info' | 'warn' | 'login' | 'error', user?: string): void {
    const ip = user === undefined ? '' : '127.0.0.1'
    this.logs.push({message, type, uuid: user ?? '', ip, at: this.instant()})
  }

  /** The panel starts anew: reports and deleted nodes are forgotten, agents on machines are back at once. */
  restart(): void {
    this.startedAt = this.now()
    this.#removed.clear()
    for (const {agent} of this.#nodes.values()) agent.reports = []
  }

  #known(uuid: string): KomariNode {
    const node = this.#nodes.get(uuid)
    if (!node) throw new Error(`there is no node ${uuid}`)
    return node
  }
}
