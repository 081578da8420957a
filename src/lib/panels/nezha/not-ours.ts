import {PanelctlError} from '../../errors.js'
import type {Api} from '../../http/client.js'
import {findRow, idIn, type Noun} from './listing.js'
import {listUsers} from './v1/endpoints.js'
import {refusal, tokenLimit} from './v1/token-identity.js'

interface Row {
  readonly id: number
  readonly name?: string
}

/**
 * The row of a list of v1 and v2 that is to be deleted. What is missing there is not gone where others than its owner are
 * shown it.
 * @param elsewhere what is shown to others too, read where it is missing and may be kept from the account
 * @throws PanelctlError NOT_FOUND (reason `missing`), AUTH for what is there, and not for this account
 */
export async function ownRow<Own extends Row & {readonly name: string}>(
  api: Api,
  rows: readonly Own[],
  reference: string,
  noun: Noun<NoInfer<Own>>,
  elsewhere: () => Promise<readonly Row[]>,
): Promise<Own> {
  try {
    return findRow(rows, reference, {...noun, reason: 'missing'})
  } catch (error) {
    if (!(error instanceof PanelctlError && error.reason === 'missing')) throw error
    const limited = await tokenLimit(api)
    if (limited) throw limited
    // Whoever is told of all users, an administrator, is told of everything else as well.
    if (!(await refusal(api(listUsers, {})))) throw error
    throw (await ofAnother(elsewhere(), reference, noun.noun)) ?? error
  }
}

async function ofAnother(shown: Promise<readonly Row[]>, reference: string, noun: string) {
  // What is closed to guests shows nothing more.
  if (await refusal(shown)) return undefined
  const id = idIn(reference)
  const found = (await shown).find(row => row.id === id || row.name === reference)
  if (!found) return undefined
  return new PanelctlError(
    'AUTH',
    `the ${noun} ${found.id}${found.name ? ` (${found.name})` : ''} is not this account's`,
    {
      hint: 'give the credentials of its owner, or of an administrator',
      panel: 'nezha',
    },
  )
}
