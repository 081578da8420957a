import type {Environment} from '../config/environment.js'
import type {Hint} from '../hint.js'
import type {Client} from '../http/client.js'
import type {Panel} from '../http/panel.js'
import type {Machine} from './machine.js'
import type {ServiceKind} from './services.js'

/** A node to register. */
export interface NodePlan {
  readonly name: string
  /** The group that it goes into; undefined leaves one that is there where it is. */
  readonly tag: string | undefined
  readonly note: string | undefined
  /** Whether guests see it not; what is undefined is the panel's to say. */
  readonly hidden: boolean | undefined
}

/** How the install script is called. */
export interface ScriptCall {
  /** The words behind the script's name. */
  readonly words: readonly string[]
  /** Variables for it. */
  readonly env: Readonly<Record<string, string>>
}

/** What a check of the address goes by. */
export interface CheckOptions {
  readonly machine: Machine
  readonly caFile: string | undefined
  readonly signal: AbortSignal
  /** Asks a panel at another address, without a credential. */
  stranger(url: string): Client
  warn(text: string): void
}

/** What a plan is made of besides flags. */
export interface Gathering {
  readonly env: Environment
  readonly machine: Machine
  /** Of the panel. */
  readonly url: string
  readonly client: Client
  /** From `--secret-file`. */
  readonly secret: string | undefined
}

/** What agents on all machines of one run have in common. */
export interface AgentPlan {
  /** Where they report, as an agent that is installed tells it: `host:port`, or a URL. */
  readonly address: string
  /** The same for people: `host:port without TLS`. */
  readonly reportsTo: string
  readonly installUrl: URL
  /** What the script must hash to, in small letters; anything where undefined. */
  readonly sha256: string | undefined
  /** The folder that the script runs in, and may leave the agent in. */
  readonly workdir: string
  /**
   * What all agents of the account prove themselves with, where none has a secret of its own: what is called the secret of a
   * node is the UUID then that its agent reports as.
   */
  readonly accountSecret?: string
  /** How a node with this secret is installed. What else is in it a shell must take as it is: other machines get it as text. */
  call(secret: string): ScriptCall
  /**
   * Whether agents can report where they will be told to, with what they will be told. Changes nothing.
   * @throws PanelctlError UNREACHABLE, AUTH where they would be refused
   */
  checkAddress(options: CheckOptions): Promise<void>
}

/** What there is to do, and for which nodes. */
export interface Plan {
  readonly agent: AgentPlan
  readonly nodes: readonly [NodePlan, ...NodePlan[]]
}

/** What a panel calls a node by: a number, or a UUID. */
export type NodeId = number | string

/** A node as the panel lists it. */
export interface FoundNode {
  readonly id: NodeId
  /** The group that it is in, where panels tell it. */
  readonly tag?: string
  /** What it is called, and whether somebody has called it so: where its name says less than its secret. */
  readonly name?: string
  readonly isNamed?: boolean
  /** Its own secret, where the panel tells it: then a run finds it there whatever earlier ones have left. */
  readonly secret?: string
  /** Its last report by the panel's clock, in Unix seconds; undefined where there was none. */
  readonly lastReport: number | undefined
}

/** The nodes that a plan may mean, by id, and the panel's clock when it listed them. */
export interface Namesakes {
  readonly nodes: readonly FoundNode[]
  readonly date: Date | undefined
}

/** A node that was made. */
export interface MadeNode {
  readonly secret: string
  /** Undefined where the panel does not tell it. */
  readonly id?: NodeId
}

/** Which node of which panel an installed agent is, as far as its files say. */
export interface AgentIdentity {
  /** As in `AgentPlan`. */
  readonly address: string | undefined
  readonly secret: string | undefined
}

/**
 * What a panel brings for its agents; the flow in this folder does the rest. `Flags` are those of its command that the
 * flow does not look at itself.
 */
export interface AgentKind<Flags = never> {
  readonly panel: Panel
  /** What the panel calls a node: `server`. */
  readonly noun: string
  /** Whether those of one name and another tag are others; else a name alone is a node's. */
  readonly isTagged: boolean
  /** What the agent's program is called, and its service. */
  readonly program: string
  /**
   * Everything that flags and environment say of the nodes, in one place; flags win.
   * @throws PanelctlError USAGE for what is missing, or what the script must not see
   */
  gather(flags: Flags, given: Gathering): Plan | Promise<Plan>

  /** The nodes that have the name of a plan, and its tag where `isTagged`; or this secret, where the panel tells it. */
  namesakes(client: Client, node: NodePlan, secret?: string): Promise<Namesakes>
  /** Those of that name under other tags, where `isTagged`: they are others, and its user may not know of them. */
  underOtherTags?(client: Client, node: NodePlan): Promise<(FoundNode & {readonly tag: string})[]>
  /** The ids of the panel's nodes, of any name, whose agents tell of a machine that may be this one; for panels that tell no secrets. */
  ofMachine?(client: Client, machine: Machine): Promise<NodeId[]>
  /** Makes one, whatever is there. One request that writes; a dry run throws it. None where `appears`. */
  register(client: Client, node: NodePlan): Promise<MadeNode>
  /** Where a node is on the panel only once its agent has reported, and then without its name: what its secret is called until then. */
  readonly appears?: string
  /**
   * Brings a node that is there to what a plan says of it, and does nothing where it is so: whenever its id is known, and
   * once more when it has reported.
   * @returns whether anything had to be changed
   */
  arrange?(client: Client, id: NodeId, node: NodePlan): Promise<boolean>
  /** Whether a secret is one that the script may see. */
  takesSecret(secret: string): boolean

  readonly script: {
    /** The name that it runs by. */
    readonly name: string
    /** What runs it, as its first line says, where that is not `sh`. */
    readonly interpreter?: string
    /** Whether it becomes root by itself; else it has to be called as root. */
    readonly becomesRoot: boolean
    /** The programs that it needs, and those that it installs missing ones with. */
    readonly tools: readonly string[]
    readonly packageManagers: readonly string[]
    /** What it would do where an agent is: `remove it`. */
    readonly overAgent: string
    /** A file that it deletes where it runs. */
    readonly deletes?: string
    /** Our variables that it has no business to see: anybody may have written it. */
    readonly hiddenVariables: RegExp
    /** What to do on a system that it is not for. */
    readonly elsewhere: Hint
    /** What to try where it fails. */
    readonly failed: Hint
  }

  /** Where an agent shows that one is installed. */
  readonly installed: {
    /** Files that tell it who it is, where those of its services do not: absolute or below the work folder (`./`); `*` in a name is any text. */
    readonly configurations?: readonly string[]
    /** Files that start it, and of what kind the services of their names are. */
    readonly services: Readonly<Record<string, ServiceKind>>
    /** Its program where no service is, absolute or below the work folder (`./`). */
    readonly programs: readonly string[]
    /** Of a configuration, or of a file that starts it. */
    identity(text: string): AgentIdentity
    /** The folder that it usually is in. */
    readonly usualFolder: string
    /** What to type to look at it. */
    readonly look: string
  }
}
