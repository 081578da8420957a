import type {Credential} from './panel.js'

/** Where a panel is and how to get in; `credential` is asked for once, when the first request leaves. */
export interface Target {
  readonly url: string
  /** Which generation of the panel was there when it was last asked. */
  readonly generation?: string | undefined
  /** Takes another that was found there, for later runs; never throws. */
  keepGeneration?(generation: string): Promise<void>
  credential(): Promise<Credential | undefined>
  /** For whoever stands before the panel; by names in lower case. */
  headers?(): Promise<Readonly<Record<string, string>>>
  readonly caFile: string | undefined
  readonly insecure: boolean
  /** Risks that were accepted at login, which are not warned of again. */
  readonly acceptedRisks: {readonly insecure: boolean; readonly plainHttp: boolean}
}
