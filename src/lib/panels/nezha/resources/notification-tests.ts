import type {Api} from '../../../http/client.js'
import {rowOf} from '../../../resource/resource.js'
import type {Named} from '../../../resource/target.js'
import {notifications} from './notifications.js'

/**
 * Sends a test message: that is what a change does that is not told to skip it, also one that changes nothing
 * (contracts/nezha.md 3.9, trap 47).
 * @throws PanelctlError REJECTED in the words of the panel where the message did not go out
 */
export async function testNotification(api: Api, reference: string): Promise<Named> {
  const row = rowOf({resource: notifications, rows: await notifications.read(api)}, reference)
  await notifications.update?.(api, row, {...row.wire, skip_check: false}, {})
  return {id: row.id, name: String(row.wire.name)}
}
