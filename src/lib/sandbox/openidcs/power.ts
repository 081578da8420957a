/** VMPowers as it goes over the wire (contracts/openidcs.md 3.5). */
export type Power =
  | 'STOPPED'
  | 'STARTED'
  | 'SUSPEND'
  | 'ON_STOP'
  | 'ON_OPEN'
  | 'ON_SAVE'
  | 'ON_WAKE'
  | 'UNKNOWN'

/** What a machine does on its hypervisor. */
export type MachinePower = 'on' | 'off' | 'paused'

/** What `powers` may be asked for (22), exact, lower case: where it leads, and what a panel calls the way there (3.5). */
export const effects = {
  start: {power: 'on', on: 'ON_OPEN'},
  stop: {power: 'off', on: 'ON_STOP'},
  hard_stop: {power: 'off', on: 'ON_STOP'},
  reset: {power: 'on', on: 'ON_STOP'},
  hard_reset: {power: 'on', on: 'ON_STOP'},
  pause: {power: 'paused', on: 'ON_SAVE'},
  resume: {power: 'on', on: 'ON_WAKE'},
} as const satisfies Record<string, {readonly power: MachinePower; readonly on: Power}>

export type Action = keyof typeof effects

export function isAction(text: unknown): text is Action {
  return typeof text === 'string' && Object.hasOwn(effects, text)
}

/** How long a VM is on its way. */
export const changeMilliseconds = 3000

/** What a power of the hypervisor is called by the panel. */
export function powerName(power: MachinePower): Power {
  if (power === 'on') return 'STARTED'
  return power === 'off' ? 'STOPPED' : 'SUSPEND'
}
