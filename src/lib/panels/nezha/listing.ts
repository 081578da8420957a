import type {PanelctlError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {ServerDetails} from './schemas.js'

/** Details, and what is missing from them. */
export interface Found {
  readonly rows: readonly ServerDetails[]
  readonly problem: PanelctlError
}

/** The dashboards list in an order of their own, v0 in another on every call (contracts/nezha.md 1.3, trap 7): by id, every time. */
export function byId<Row extends {id: number}>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => one.id - other.id)
}

export function noServers(ids: readonly number[]): string {
  return `there ${ids.length === 1 ? 'is no server' : 'are no servers'} ${ids.join(', ')}`
}

/** What goes with an error that names a server. */
export const listing = {hint: panelctl('nezha server list'), panel: 'nezha'}
