import type {Client} from '../../http/client.js'
import {listReports} from './endpoints.js'
import {oneNode} from './nodes.js'
import type {Report} from './schemas.js'
import {timeOf} from './times.js'

/** What a node reported in the last minute, oldest first: 1.2.5-fix1 and 1.1.8 send it in no order (recordings). */
export async function recentReports(client: Client, reference: string): Promise<Report[]> {
  const {uuid} = await oneNode(client, reference)
  const reports = (await client.call(listReports, {path: {uuid}})) ?? []
  return reports.toSorted((one, other) => Number(timeOf(one.updated_at)) - Number(timeOf(other.updated_at)))
}
