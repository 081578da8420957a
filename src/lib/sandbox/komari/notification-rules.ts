/** Rules of notifications, as new ones are (contracts/komari.md 3.6). */

export const newOfflineRule = {enable: false, grace_period: 180, last_notified: null}
export const newTrafficRule = {enable: false, daily: false, weekly: false, monthly: false}
export const newLoadRule = {
  name: '',
  clients: [] as readonly string[],
  metric: '',
  threshold: 0,
  ratio: 0,
  interval: 0,
  last_notified: null,
}

export type OfflineRule = Readonly<typeof newOfflineRule>
export type TrafficRule = Readonly<typeof newTrafficRule>
export type LoadRule = Readonly<typeof newLoadRule>
