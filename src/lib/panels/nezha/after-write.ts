import {lookNow, PanelctlError} from '../../errors.js'

interface Look<Seen> {
  look(): Promise<Seen>
  /** What is not as it was written, if anything is. */
  otherwise(seen: Seen): string | undefined
  /** What the panel said yes to: it stands where the panel cannot be asked any more. */
  readonly written: NoInfer<Seen>
  warn(text: string): void
}

/**
 * What the panel shows after its yes to a write. A look that fails is a warning: who took it for a failure of the write
 * would write again.
 * @throws PanelctlError UNCERTAIN where it shows something else
 */
export async function shownAfter<Seen>({look, otherwise, written, warn}: Look<Seen>): Promise<Seen> {
  let seen: Seen
  try {
    seen = await look()
  } catch (error) {
    if (!(error instanceof PanelctlError)) throw error
    warn(`it was done, but cannot be looked at: ${error.message}`)
    return written
  }
  const problem = otherwise(seen)
  if (problem === undefined) return seen
  throw new PanelctlError('UNCERTAIN', `the panel accepted it, and ${problem}`, {
    hint: lookNow,
    panel: 'nezha',
  })
}
