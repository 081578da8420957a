/** A registered node whose agent somebody else installs. */
export interface EmittedNode {
  readonly name: string
  /** Null where it cannot be told: two nodes of that name came at once. */
  readonly id: number | null
  readonly tag: string
  /** Whether this run registered it; else an earlier one did. */
  readonly registered: boolean
  readonly secret: string
}
