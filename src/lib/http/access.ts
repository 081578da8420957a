import type {Api} from './client.js'
import type {Panel} from './panel.js'

/** One way to log in: `--with-<name>`, a secret of this kind from stdin or a prompt. */
export interface LoginMethod {
  /** The credential's kind, and what follows `--with-`. */
  readonly kind: string
  readonly summary: string
  /** What the prompt on a terminal says. */
  readonly prompt: string
}

/** How a person gets into a panel, and how a credential is tried. */
export interface Access {
  readonly panel: Panel
  /** The first is what a terminal is asked for if nothing is said. */
  readonly methods: readonly [LoginMethod, ...LoginMethod[]]
  /** Offered where no address is given. */
  readonly defaultUrl?: string
  /** A call that only succeeds with a good credential. */
  check(api: Api): Promise<unknown>
}
