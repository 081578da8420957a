import type {Api, Client} from './client.js'
import type {Credential, Panel} from './panel.js'

/** One way to log in: `--with-<name>`, a secret of this kind from stdin or a prompt. */
export interface LoginMethod {
  /** The credential's kind, and what follows `--with-`. */
  readonly kind: string
  readonly summary: string
  /** What the prompt on a terminal says. */
  readonly prompt: string
}

export interface Account {
  readonly username: string
  readonly password: string
  /** A text: a code may begin with zeros. */
  readonly otp: string | undefined
}

/** How a person gets into a panel, and how a credential is tried. */
export interface Access {
  readonly panel: Panel
  /** The first is what a terminal is asked for if nothing is said. */
  readonly methods: readonly [LoginMethod, ...LoginMethod[]]
  /** The environment variables that are read for it, each with what it holds, as help shows them. */
  readonly variables: readonly (readonly [name: string, holds: string])[]
  /** Offered where no address is given. */
  readonly defaultUrl?: string
  /** A call that only succeeds with a good credential. */
  check(api: Api): Promise<unknown>
  /** What a good credential may do, in the panel's words; undefined where the panel does not tell. */
  rights?(client: Client): Promise<readonly string[] | undefined>
  /** Trades a user name and a password for what is stored, a session or themselves. Sent once: a wrong password is not repeated. */
  signIn?(api: Api, account: Account): Promise<Credential>
  /** True where an account may want a code besides. */
  readonly otp?: true
  /** Ends on the panel what `signIn` began, where a credential of this kind has an end. */
  signOut?(api: Api, credential: Credential): Promise<unknown>
}
