import type {Api} from '../../http/client.js'
import {compareNatural} from '../../output/natural.js'
import {listHosts} from './endpoints.js'
import type {Host} from './schemas.js'

/** The hosts by name: the panel gives an object, whose order says nothing (contracts/openidcs.md 1.1, trap 12). */
export async function readHosts(api: Api): Promise<Host[]> {
  return Object.values(await api(listHosts, {})).toSorted((one, other) =>
    compareNatural(one.name, other.name),
  )
}
