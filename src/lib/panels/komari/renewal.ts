import {PanelctlError} from '../../errors.js'
import {panelctl} from '../../hint.js'
import type {Values} from '../../resource/resource.js'

/** Days of a billing cycle, from and to, that are months (contracts/komari.md 7.5); others are the days that they are. */
const cycles = [
  [27, 32, 1],
  [87, 95, 3],
  [175, 185, 6],
  [360, 370, 12],
  [720, 750, 24],
  [1080, 1150, 36],
  [1800, 1850, 60],
] as const

const DAY = 86_400_000

function later(from: Date, days: number): Date {
  const months = cycles.find(([least, most]) => days >= least && days <= most)?.[2]
  const to = new Date(from)
  to.setUTCMilliseconds(0)
  if (months === undefined) to.setUTCDate(to.getUTCDate() + days)
  else to.setUTCMonth(to.getUTCMonth() + months)
  return to
}

/**
 * When a node ends that is paid for once more, by the panel's own arithmetic, in UTC: from when it ends now, or from now where
 * that is more than 30 days past.
 * @throws PanelctlError REJECTED for one that has no cycle, or no end
 */
export function paidUntil({name, billing_cycle: days, expired_at: end}: Values, now: Date): string {
  const refuse = (what: string, flags: Record<string, string | true>) => {
    throw new PanelctlError('REJECTED', what, {
      hint: panelctl('komari node edit', [String(name)], {flags}),
      panel: 'komari',
    })
  }
  if (typeof days !== 'number' || days <= 0)
    return refuse('there is no billing_cycle: the days that its price is for', {
      'billing-cycle': '30',
      paid: true,
    })
  const ends = typeof end === 'string' ? new Date(end) : undefined
  // As the panel, which takes so far away for never.
  if (!ends || ends.getUTCFullYear() > now.getUTCFullYear() + 100)
    return refuse('there is no expired_at that it could end later than', {
      'expired-at': later(now, days).toISOString(),
    })
  const isLong = now.getTime() - ends.getTime() > 30 * DAY
  return later(isLong ? now : ends, days).toISOString()
}
