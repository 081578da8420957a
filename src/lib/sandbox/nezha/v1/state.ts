import {isObject} from '../../json-object.js'
import type {Clock} from '../../listen.js'
import {noise, type Random, randomText, uuidOf} from '../../random.js'
import {Fleet, type NewServer, type NezhaServer} from '../fleet.js'
import type {NezhaWorld} from '../seed.js'
import {type Features, featuresOf} from './features.js'
import {Firewall} from './firewall.js'

/** Somebody who logs in; what agents know is the secret. */
export interface User {
  readonly id: number
  readonly username: string
  readonly password: string
  /** 0 an admin, 1 a member. */
  readonly role: number
  readonly agentSecret: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** An API token (3.1). */
export interface Pat {
  readonly id: number
  readonly name: string
  readonly token: string
  readonly scopes: readonly string[]
  readonly serverIds?: readonly number[] | undefined
  /** Milliseconds since 1970, as the two below. */
  readonly expiresAt?: number | undefined
  readonly createdAt: number
  readonly usedAt?: number
  readonly user: User
}

/** A row of what has a form and a list and nothing more; its fields by the panel's names. */
export type Row = Readonly<Record<string, unknown>> & {readonly id: number}

export interface ServerFile {
  readonly bytes: Buffer
  /** In octal: `0644`. */
  readonly mode: string
}

/** What a signed address is good for, once. */
export interface Ticket {
  readonly kind: 'download' | 'upload'
  readonly server: NezhaServer
  readonly path: string
  readonly mode: string
  readonly makesFolders: boolean
}

export interface Group {
  readonly id: number
  readonly name: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly members: readonly number[]
  readonly userId: number
}

/** Who watches the WebSocket. */
export interface Viewer {
  readonly userId: number
  readonly since: number
  readonly address: string
}

/** What an agent is started with. */
export interface AgentOptions {
  readonly secret: string
  readonly uuid: string
  /** For the firewall; unknown unless given. */
  readonly address?: string | undefined
  readonly refusesCommands?: boolean
}

/** Everything an emulated dashboard of v1 or v2 knows (contracts/nezha.md 3.15). */
export class DashboardState extends Fleet {
  readonly features: Features
  readonly firewall = new Firewall()
  readonly users = new Map<number, User>()
  readonly groups = new Map<number, Group>()
  readonly pats = new Map<number, Pat>()
  /** Rows of services, crons and the like, by the name of their route. */
  readonly rows = new Map<string, Map<number, Row>>()
  /** JWTs that were not revoked, by the claim that tells them apart. */
  readonly sessions = new Set<string>()
  readonly viewers = new Set<Viewer>()
  /** Configurations that agents were given, by uuid. */
  readonly agentConfigs = new Map<string, Readonly<Record<string, unknown>>>()
  /** The files of a server, by its uuid and their paths. */
  readonly #files = new Map<string, Map<string, ServerFile>>()
  /** Where a file is fetched or brought, by what the address ends with (3.11). */
  readonly tickets = new Map<string, Ticket>()
  /** By the panel's names (3.10). */
  settings: Readonly<Record<string, unknown>>
  /** Whether measurements of days and weeks are kept; never on v1. */
  tsdb: boolean
  forceAuth: boolean
  /** Between two frames of the WebSocket. */
  feedEveryMs = 2000
  /** Hours. */
  jwtTimeout = 1
  readonly #lastIds = new Map<object, number>()
  #deadlockedAt: number | undefined

  constructor(world: NezhaWorld, version: string, now: Clock, random: Random) {
    super(now, random, '2.3.3')
    this.features = featuresOf(version)
    this.tsdb = world.tsdb && this.features.periods
    this.forceAuth = world.forceAuth
    this.settings = {
      language: world.language,
      site_name: this.features.nestedSettings ? 'Nezha' : '',
      user_template: 'user-dist',
      admin_template: 'admin-dist',
      cover: 1,
      ip_change_notification_group_id: 0,
      web_real_ip_header: world.realIpHeader,
      enable_mcp: world.mcp,
    }
    const {username, password, agentSecret, pat} = world
    const user = this.addUser({username, password, agentSecret, role: 0})
    this.addPat({name: 'sandbox', token: pat, scopes: ['nezha:*'], user})
  }

  /** The time as the dashboard's agents know it: it stands still once the dashboard is dead-locked (trap 40). */
  seenAt(): number {
    return this.#deadlockedAt ?? this.now()
  }

  get deadlocked(): boolean {
    return this.#deadlockedAt !== undefined
  }

  deadlock(): void {
    this.#deadlockedAt = this.now()
  }

  override restart(): void {
    super.restart()
    this.#deadlockedAt = undefined
  }

  /** A server without a uuid gets the one of its number. */
  override add(server: NewServer): NezhaServer {
    const added = super.add(server)
    return added.uuid ? added : this.update(added.id, {uuid: uuidOf(index => noise(added.id, 200, index))})
  }

  /** A server leaves its groups; while its agent runs it comes back some seconds later as another row (3.3). */
  override remove(id: number): void {
    const known = this.servers.get(id)
    super.remove(id)
    for (const group of this.groups.values()) {
      this.groups.set(group.id, {...group, members: group.members.filter(member => member !== id)})
    }
    if (known && isConnected(known, this.now())) {
      const {uuid, ownerId, agent} = known
      this.add({name: petName(this.random), uuid, ownerId, agent, createdAt: this.now() + 4000})
    }
  }

  /** Every server that is there by now, in the order of the panel's lists (3.3). */
  listed(): NezhaServer[] {
    const present = [...this.servers.values()].filter(({createdAt}) => createdAt <= this.now())
    return present.sort((one, other) => other.displayIndex - one.displayIndex || one.id - other.id)
  }

  /** A server that is there by now. */
  server(id: number): NezhaServer | undefined {
    const server = this.servers.get(id)
    return server && server.createdAt <= this.now() ? server : undefined
  }

  /**
   * An agent starts: the server of its uuid is there at once, with all it reports. Gives nothing for a wrong secret, which
   * the firewall counts (3.6).
   */
  report({secret, uuid, address, refusesCommands = false}: AgentOptions): NezhaServer | undefined {
    const user = [...this.users.values()].find(({agentSecret}) => agentSecret === secret)
    if (!user) this.firewall.strike(address, this.now())
    if (!user || !this.features.userSecrets || this.deadlocked) return undefined
    const known = this.listed().find(server => server.uuid === uuid)
    const server = known ?? this.add({name: petName(this.random), uuid, ownerId: user.id})
    this.agentConfigs.set(uuid, {disable_command_execute: refusesCommands})
    const machine = server.agent.kind === 'machine' ? server.agent.machine : this.machine(server.id)
    return this.connect(server.id, machine, 3, this.now() - 3000)
  }

  /** The next id of some rows: one that is gone is never used again. */
  nextId(rows: ReadonlyMap<number, unknown>): number {
    const id = Math.max(this.#lastIds.get(rows) ?? 0, ...rows.keys()) + 1
    this.#lastIds.set(rows, id)
    return id
  }

  filesOf({uuid, name}: Pick<NezhaServer, 'uuid' | 'name'>): Map<string, ServerFile> {
    const files =
      this.#files.get(uuid) ?? new Map([['/etc/hostname', {bytes: Buffer.from(`${name}\n`), mode: '0644'}]])
    this.#files.set(uuid, files)
    return files
  }

  rowsOf(name: string): Map<number, Row> {
    const rows = this.rows.get(name) ?? new Map<number, Row>()
    this.rows.set(name, rows)
    return rows
  }

  addUser(user: Pick<User, 'username' | 'password' | 'role'> & Partial<User>): User {
    const [id, at] = [this.nextId(this.users), this.now()]
    const added = {id, agentSecret: randomText(32, this.random), createdAt: at, updatedAt: at, ...user}
    this.users.set(added.id, added)
    return added
  }

  addPat(pat: Pick<Pat, 'name' | 'scopes' | 'user'> & Partial<Pat>): Pat {
    const token = `nzp_${randomText(32, this.random)}`
    const added = {id: this.nextId(this.pats), token, createdAt: this.now(), ...pat}
    this.pats.set(added.id, added)
    return added
  }

  /** Of the first account, where nobody else made it. */
  addGroup(name: string, members: readonly number[], userId = 1): Group {
    const now = this.now()
    const added = {id: this.nextId(this.groups), name, members, userId, createdAt: now, updatedAt: now}
    this.groups.set(added.id, added)
    return added
  }

  /** The words of an error in the dashboard's language: it has few in Chinese (3.0). */
  say(text: string): string {
    return (this.settings.language === 'zh-CN' ? chinese[text] : undefined) ?? text
  }

  /** A setting that is text. */
  setting(name: string): string {
    return String(this.settings[name] ?? '')
  }

  /** Takes fields into a row; what is no object leaves it as it is. */
  configure(uuid: string, fields: unknown): void {
    if (isObject(fields)) this.agentConfigs.set(uuid, {...this.agentConfigs.get(uuid), ...fields})
  }
}

/** Whether its agent is connected, or said something once that stands for it. */
export function isConnected({agent}: NezhaServer, now: number): boolean {
  return agent.kind === 'machine' && now >= agent.connectedAt && now < (agent.disconnectedAt ?? now + 1)
}

const chinese: Readonly<Record<string, string>> = {
  unauthorized: '未授权',
  'server not found': '未找到服务器',
  'permission denied': '权限不够',
  'have invalid server id': '服务器 id 无效',
  'incorrect password': '密码错误',
  'get server config failed': '获取服务器配置失败',
}

const [adjectives, animals] = [
  ['brave', 'calm', 'eager', 'gentle', 'keen', 'lively', 'proud', 'quiet'],
  ['badger', 'crane', 'ferret', 'heron', 'lynx', 'otter', 'raven', 'tapir'],
]

/** The name of a server that an agent made. */
function petName(random: Random): string {
  const pick = (words: readonly string[] = []) => words[Math.floor(random() * words.length)]
  return `${pick(adjectives)}-${pick(animals)}`
}
