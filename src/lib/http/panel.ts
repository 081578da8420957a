import {type ErrorDetails, PanelctlError} from '../errors.js'
import {type Hint, hint} from '../hint.js'

/** A secret and what it is: the kinds a panel knows are in its `credentials`. */
export interface Credential {
  readonly kind: string
  readonly value: string
  /** The name that goes with it, of a password. */
  readonly user?: string | undefined
}

/** What a server answered, before anybody judged it. */
export interface Answer {
  readonly method: string
  /** The address as it was asked, without its query's secrets. */
  readonly url: URL
  /** Where the redirects led that were followed. */
  readonly ledTo?: URL | undefined
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The JSON document, or `undefined` where the body is not JSON. */
  readonly json: unknown
  /** The body as text; empty where it was parsed as JSON. */
  readonly text: string
  /** The body as it came, where the request asked to keep it. */
  readonly bytes?: Buffer | undefined
  /** The kind of credential that was sent along, `session` for one that was logged in with it; undefined where none was. */
  readonly credential: string | undefined
  /** The server's clock, where it told. */
  readonly date: Date | undefined
}

/** JSON of whoever else: a gateway, or another program at this address. */
export const foreign = Symbol('foreign')

/** Whoever answered did nothing, whatever the status says: exit 10, also of a write. */
export class NotTaken extends PanelctlError {
  constructor(message: string, details: ErrorDetails) {
    super('BAD_RESPONSE', message, details)
  }
}

/** The panel has no such path, and says so in the words of these of its generations. */
export class NoSuchRoute extends NotTaken {
  constructor(
    message: string,
    readonly generations: readonly string[],
    details: ErrorDetails,
  ) {
    super(message, details)
  }
}

/** Versions of a panel that have other routes each. */
export interface Generations {
  /** What is said in the place of the panel's `credentialHint` of those where that does not hold. */
  readonly credentialHints: Readonly<Record<string, Hint>>
  /** Those that take a credential of this form, as far as it shows that. */
  of(credential: Credential): readonly string[] | undefined
  /** Asks, without a credential; undefined where another answers. `send` is as of a session. */
  probe(send: (request: SessionRequest) => Promise<Answer>): Promise<string | undefined>
}

export interface CredentialKind {
  readonly kind: string
  /** What the panel calls it, where that is another word: `API key`. */
  readonly title?: string
  /** The environment variable that carries it; `…_FILE` names a file instead. */
  readonly variable: string
  /** The variable of the name that goes with it. */
  readonly userVariable?: string
  /** True where it is sent in a body, so that each of its characters counts. */
  readonly anyText?: boolean
  /** True where it is nothing but itself: neither a name with it nor JSON around it. */
  readonly isBare?: boolean
  /** Cuts off what people copy along with it. */
  clean?(secret: string): string
  /** Why it cannot be a secret of this kind, as far as its form shows; else undefined. */
  flaw?(secret: string): {readonly what: string; readonly hint: Hint} | undefined
}

/** A request that a session is made with. */
export interface SessionRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** Those of the session that is to be renewed. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Session {
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds that it is good for; where the panel tells, it is kept for later runs. */
  readonly lasts?: number | undefined
}

/**
 * What a panel wants beside the credential, or in its place: made with it when an answer shows that it is wanted, or at
 * once where the credential is good for nothing else, and kept for the run.
 */
export interface Sessions {
  /** Whether a credential of this kind is good for a session only. */
  needed?(credential: Credential): boolean
  /** Whether this answer may be a refusal for want of a session. */
  wanted(answer: Answer): boolean
  /** Whether this answer to a session says that it is no longer one: the panel was started again. */
  lost(answer: Answer): boolean
  /**
   * Logs in. Gives the session, or undefined where the credential itself is what was refused.
   * `send` gives JSON of any kind, and 404 and 405; it sends a POST once, and throws what else is no answer of a panel.
   * @throws PanelctlError AUTH where the credential is good and the panel gives no session all the same, and where one is
   * needed and refused
   */
  open(
    credential: Credential,
    send: (request: SessionRequest) => Promise<Answer>,
  ): Promise<Session | undefined>
  /** Makes a new session of one that still lasts; undefined where that is refused. */
  renew?(session: Session, send: (request: SessionRequest) => Promise<Answer>): Promise<Session | undefined>
}

/** What a panel does that answers a credential which is worth nothing as it answers nobody. */
export interface Guests {
  /**
   * Where this request is answered for guests too: when to ask, `beside` it, which costs no round trip, `after` an answer that
   * guests may get, or `before` it, so that a session that is refused is made anew. Undefined where its answer says enough.
   */
  asked(
    request: {readonly path: string; readonly body?: unknown},
    credential: Credential,
  ): 'before' | 'beside' | 'after' | undefined
  /** Whether an answer is the panel's and may be what a guest gets: success or not, a refusal of credentials is not. */
  mayGet(answer: Answer): boolean
  /** Whether an answer to a write refuses it in the words that guests hear, which say nothing of a credential. */
  refuses?(answer: Answer): boolean
  /** Whether this answer to a credential is none that a guest gets; without it only `knows` tells. */
  proves?(request: {readonly path: string}, answer: Answer): boolean
  /** Whether the panel knows the credential; undefined where this version does not tell. `send` is as of a session. */
  knows(
    credential: Credential,
    send: (request: SessionRequest) => Promise<Answer>,
  ): Promise<boolean | undefined>
}

/** Stands in a hint behind what says which credential is wanted: a run puts there where that one has to go. */
export const intoPlace: Hint = ['']

/** What to do about a refusal in words that a panel has for none too: of a credential that was sent, it may not have seen it. */
export function orLost(credentialHint: Hint, credential: string | undefined): Hint {
  if (credential === undefined) return credentialHint
  return hint`${credentialHint}; where it is right, a proxy before the panel takes it out of the requests`
}

/** Why a panel may not know the session that it has just given. */
export const sessionLost =
  'a proxy before it takes that out of the requests, or sends each from another address'

/** How the message of a refusal begins where no credential was sent; a run that knows more says it instead. */
export const noCredential = 'this needs credentials, and none were given'

/**
 * One of the products: how to log in, and how to read its answers.
 * Everything here is light: it is loaded by each of the panel's commands.
 */
export interface Panel {
  /** The topic that its commands stand under, in small letters. */
  readonly name: string
  /** The product's name for people. */
  readonly title: string
  /** What its address leads to, with its article: `a dashboard of …`. */
  readonly site: string
  readonly urlVariable: string
  /** The port, unless another is set, at which its agents report and its API is not. */
  readonly agentPort?: string
  /** True where it refuses a WebSocket without the `Origin` of itself. */
  readonly wantsOrigin?: true
  readonly credentialVariables: readonly CredentialKind[]
  /** The fields in answers that are secrets and are masked in output. */
  readonly secretFields: ReadonlySet<string>
  /** The headers that carry a credential. */
  authorize(credential: Credential): Readonly<Record<string, string>>
  /**
   * Takes the envelope off a JSON answer and gives the data in it.
   * @returns `foreign` where it is in none of the panel's words
   * @throws PanelctlError AUTH, NOT_FOUND or REJECTED for a refusal, BAD_RESPONSE for another product's answer
   */
  unwrap(answer: Answer): unknown
  /** Its clock in Unix milliseconds, where an answer tells it: the `Date` may be a proxy's. */
  clock?(json: unknown): number | undefined
  readonly generations?: Generations
  /** The session that some versions want besides. A refused request did nothing, so that it is sent again with one. */
  readonly sessions?: Sessions
  /** How to find out that it takes us for a guest: asked once a run, where an answer would not tell. */
  readonly guests?: Guests
  /** Says who answered, where an answer is not in the panel's own shape and the panel can tell; else `undefined`. */
  recognize(answer: Answer): PanelctlError | undefined
  /** What to check where a GET is answered with a page, HTTP 200: where the panel does so for unknown paths. */
  readonly pageHint?: string
  /** Where a person finds or makes a credential; in the help of `login`, and a hint to which a run adds where to put it. */
  readonly credentialHint: Hint
}
