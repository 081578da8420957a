import type {Api} from '../../../http/client.js'
import {showSettings} from './endpoints.js'

/** The versions of a dashboard that have something. */
export interface Limits {
  /** The first that has it. */
  readonly since?: string
  /** The first that has it no more. */
  readonly until?: string
}

/**
 * The versions that a dashboard may be of, by what its settings tell: an administrator's session is told the version, everybody
 * else what came with some (contracts/nezha.md 3.10, 3.14).
 */
async function versionsOf(api: Api): Promise<{readonly first: string; readonly last: string}> {
  const {version, tsdb_enabled, config} = await api(showSettings, {})
  const known = version?.replace(/^v/, '')
  if (known) return {first: known, last: known}
  if (tsdb_enabled !== undefined) return {first: '2.0.0', last: '9'}
  return config ? {first: '1.5.0', last: '1.99'} : {first: '1.0.0', last: '1.4.99'}
}

function isBefore(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', {numeric: true}) < 0
}

/** The first of these that the dashboard is known not to have, and why. */
export async function lackedOf<Thing extends Limits>(
  api: Api,
  things: readonly Thing[],
): Promise<{readonly thing: Thing; readonly why: string} | undefined> {
  if (things.length === 0) return undefined
  const {first, last} = await versionsOf(api)
  for (const thing of things) {
    const {since, until} = thing
    if (since !== undefined && isBefore(last, since)) return {thing, why: `it came with v${since}`}
    if (until !== undefined && !isBefore(first, until)) return {thing, why: `it went with v${until}`}
  }
  return undefined
}
