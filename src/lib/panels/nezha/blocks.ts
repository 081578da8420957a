import type * as z from 'zod/mini'
import {PanelctlError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import {moment} from '../../output/cell.js'
import {type Columns, hidden} from '../../output/columns.js'
import {deleteBlocks, listBlocks} from './v1/endpoints.js'
import type {block} from './v1/schemas.js'

/** An address that the firewall has counted, whether it is shut out now or was (contracts/nezha.md 3.10). */
type Block = z.infer<typeof block>

const PAGE = 100

const ofNewer = 'v0 has no firewall'

export async function readBlocks(api: Api): Promise<Block[]> {
  return byGeneration(
    [
      async () => {
        const blocks: Block[] = []
        for (;;) {
          const {value} = await api(listBlocks, {query: {limit: PAGE, offset: blocks.length}})
          blocks.push(...(value ?? []))
          if ((value ?? []).length < PAGE) return blocks
        }
      },
    ],
    ofNewer,
  )
}

const reasons = ['', 'login', 'token', 'agent secret', 'by hand', 'oauth2']

/** Max(3, n⁴) seconds from the last of n (contracts/nezha.md 3.1), Unix seconds. */
function endOf({block_timestamp = 0, count = 0}: Block): number {
  return block_timestamp + Math.max(3, count ** 4)
}

export const blockColumns: Columns<Block> = {
  ip: ({ip}) => ip,
  reason: ({block_reason = 0}) => reasons[block_reason] ?? String(block_reason),
  count: ({count = 0}) => count,
  last: ({block_timestamp = 0}) => moment(new Date(block_timestamp * 1000)),
  until: block => moment(new Date(endOf(block) * 1000)),
  identifier: hidden(({block_identifier}) => block_identifier),
}

/** @throws PanelctlError NOT_FOUND (reason `missing`) */
export async function unblock(api: Api, address: string): Promise<void> {
  const blocks = await readBlocks(api)
  if (!blocks.some(({ip}) => ip === address)) {
    throw new PanelctlError('NOT_FOUND', `the firewall has not counted ${address}`, {
      hint: panelctl('nezha waf list'),
      reason: 'missing',
      panel: 'nezha',
    })
  }
  await api(deleteBlocks, {body: [address]})
}
