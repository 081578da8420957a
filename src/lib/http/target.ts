import type {Credential} from './panel.js'

/** Where a panel is and how to get in; `credential` is asked for once, when the first request leaves. */
export interface Target {
  readonly url: string
  credential(): Promise<Credential | undefined>
  /** For whoever stands before the panel; by names in lower case. */
  headers?(): Promise<Readonly<Record<string, string>>>
  readonly caFile: string | undefined
  readonly insecure: boolean
  /** Risks that were accepted at login, which are not warned of again. */
  readonly acceptedRisks: {readonly insecure: boolean; readonly plainHttp: boolean}
}
