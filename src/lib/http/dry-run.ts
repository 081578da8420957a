/** A request as it would go out, with secrets redacted: what `--dry-run` prints. */
export interface PlannedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** Thrown in place of sending a write under `--dry-run`. */
export class DryRun extends Error {
  constructor(
    /** Undefined where none would be sent. */
    readonly request: PlannedRequest | undefined,
    /** What is printed: the request, or a plan of more than that. */
    readonly plan: object = request ?? {},
  ) {
    super('dry run')
  }
}
