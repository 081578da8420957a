import type * as z from 'zod/mini'
import {PanelctlError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {Api} from '../../http/client.js'
import {byGeneration} from '../../http/generation.js'
import {moment, worded} from '../../output/cell.js'
import {type Columns, hidden} from '../../output/columns.js'
import {deleteBlocks, listBlocks} from './v1/endpoints.js'
import type {block} from './v1/schemas.js'

/** An address that the firewall has counted, whether it is shut out now or was (contracts/nezha.md 3.10). */
type Block = z.infer<typeof block>

const PAGE = 100

const ofNewer = 'v0 has no firewall'

async function readBlocks(api: Api): Promise<Block[]> {
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

/** A row of the firewall, and when its address is let in again, in Unix seconds: it may be in several rows, each for another account. */
interface Ending {
  readonly block: Block
  readonly until: number
}

/** Max(3, n⁴) seconds from the last of n, of all rows of an address (contracts/nezha.md 3.1). */
function ending(blocks: readonly Block[]): Ending[] {
  const totals = new Map<string, {last: number; sum: number}>()
  for (const {ip, block_timestamp = 0, count = 0} of blocks) {
    const {last, sum} = totals.get(ip) ?? {last: 0, sum: 0}
    totals.set(ip, {last: Math.max(last, block_timestamp), sum: sum + count})
  }
  return blocks.map(block => {
    const {last, sum} = totals.get(block.ip) ?? {last: 0, sum: 0}
    return {block, until: last + Math.max(3, sum ** 4)}
  })
}

/** The rows as they are told, and as they are shown. */
export async function blockList(api: Api) {
  const data = await readBlocks(api)
  return {rows: ending(data), data, dataInOrder: (rows: readonly Ending[]) => rows.map(({block}) => block)}
}

/** The last moment of a date: a block by hand counts 99999. */
const ENDLESS = 8.64e12

export const blockColumns: Columns<Ending> = {
  ip: ({block: {ip}}) => ip,
  reason: ({block: {block_reason = 0}}) => reasons[block_reason] ?? String(block_reason),
  count: ({block: {count = 0}}) => count,
  last: ({block: {block_timestamp = 0}}) => moment(new Date(block_timestamp * 1000)),
  until: ({until}) => (until > ENDLESS ? worded(null, 'for good', Infinity) : moment(new Date(until * 1000))),
  identifier: hidden(({block: {block_identifier}}) => block_identifier),
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
