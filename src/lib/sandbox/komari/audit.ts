import type {MethodCall} from './call.js'
import {Panic} from './rpc-error.js'

/**
 * Logs what an administrator did. Versions before 1.1.9 panic in that line for an API key, after it was done
 * (contracts/komari.md 1.14).
 */
export function audited({caller, state}: MethodCall, message: string, type: 'info' | 'warn' = 'info'): void {
  if (caller.kind === 'key' && !state.features.auditsKeys) throw new Panic()
  state.log(message, type, caller.kind === 'session' ? state.user.uuid : '')
}
