import {type PanelctlError, reworded} from '../../errors.js'
import {type Hint, hint, panelctl} from '../../hint.js'

interface Asked {
  /** The VM that the hypervisor has to know. */
  readonly vm?: string
  /** What else it may be, said first. */
  readonly before?: Hint
}

/**
 * A refusal that says no more of itself, with the question whether the hypervisor is behind it: what the panel passes on to
 * one it refuses alike, whatever went wrong there (contracts/openidcs.md 2.3 no. 22).
 */
export function askingHypervisor(
  failure: PanelctlError,
  host: string,
  {vm, before = ''}: Asked = {},
): PanelctlError {
  if (failure.code !== 'REJECTED' || failure.hint !== undefined) return failure
  const asked =
    vm === undefined
      ? ' and take the password of the host'
      : `, take the password of the host, and know ${vm}`
  const logs = panelctl('openidcs system logs', [], {flags: {host, tail: '5'}})
  return reworded(failure, {hint: hint`${before}does the hypervisor answer${asked}? ${logs}`})
}
