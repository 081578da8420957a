import {PanelctlError, reworded} from '../../errors.js'
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
    throw (await whyMissing(api, noun.noun, elsewhere))(error, reference)
  }
}

/**
 * What is true of what was to be deleted, and is in no list: that it is gone, or kept from this credential.
 * @param elsewhere those that others than their owner are shown
 * @param isOfServers whether a token for some servers is told of a part alone
 */
export async function whyMissing(
  api: Api,
  noun: string,
  elsewhere: (() => Promise<readonly Row[]>) | undefined,
  isOfServers = true,
): Promise<(missing: PanelctlError, reference: string) => PanelctlError> {
  const limited = isOfServers ? await tokenLimit(api) : undefined
  if (limited) return () => limited
  // Whoever is told of all users, an administrator, is told of everything else as well.
  if (!(await refusal(api(listUsers, {})))) return missing => missing
  const shown = elsewhere?.()
  // What is closed to guests shows nothing more.
  const rows = !shown || (await refusal(shown)) ? [] : await shown
  return (missing, reference) =>
    ofAnother(rows, reference, noun) ??
    reworded(missing, {message: `${missing.message}, or not for this account`})
}

function ofAnother(rows: readonly Row[], reference: string, noun: string): PanelctlError | undefined {
  const id = idIn(reference)
  const found = rows.find(row => row.id === id || row.name === reference)
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
