import type * as z from 'zod/mini'
import type {Cell, Ink} from '../../output/cell.js'
import {
  ago,
  bytes,
  bytesPerSecond,
  celsius,
  count,
  decimal,
  duration,
  labelled,
  lossPercent,
  milliseconds,
  moment,
  percent,
  percentOf,
  state,
  until,
  worded,
  yesNo,
} from '../../output/cell.js'
import {asPage, type Columns, chart, hidden} from '../../output/columns.js'
import type {LoadRow, PingRow} from './history.js'
import type {Me, Node, Report, site, version} from './schemas.js'
import type {NodeStatus} from './status.js'
import {timeOf} from './times.js'

/** -1 is free and 0 is unset: what the panel's own pages make of it (contracts/komari.md 1.7). */
function priceOf({price, currency, billing_cycle: days}: Node): Cell {
  if (price === 0) return null
  if (price < 0) return worded(price, 'free')
  const unit = /[a-z]$/i.test(currency) ? `${currency} ` : currency
  // Without what a sum of floats leaves behind: 0.30000000000000004.
  return worded(price, `${unit}${Number(price.toPrecision(12))}${days > 0 ? ` / ${days}d` : ''}`)
}

/** What belongs to a price, in one cell with it in tables; nothing is paid for a node that has none. */
function paid(read: (node: Node) => Cell) {
  return {value: (node: Node) => (node.price > 0 ? read(node) : null), hidden: 'in tables'} as const
}

/** 0 is no limit (1.7). */
function limitOf({traffic_limit: limit}: Node): Cell {
  return limit === 0 ? worded(0, 'unlimited', Infinity) : bytes(limit)
}

/** The colours of the panel's pages as terminals have them. */
const inks: Readonly<Record<Ink, string>> = {
  red: 'red tomato ruby crimson',
  green: 'green grass lime jade mint',
  yellow: 'yellow amber orange gold bronze brown',
  blue: 'blue indigo iris',
  magenta: 'pink plum purple violet',
  cyan: 'cyan teal sky',
  gray: 'gray',
}

function inkOf(word: string): Ink | undefined {
  const found = Object.entries(inks).find(([, words]) => words.split(' ').includes(word.toLowerCase()))
  return found?.[0] as Ink | undefined
}

/** One text, parts separated by `;`, each of which may end in its colour: `edge<Red>` (1.7, 7.5, trap 10). */
export function tagsOf(tags: string): Cell {
  return labelled(
    tags.split(';').flatMap(part => {
      const [, name = '', colour = ''] = /^(.*)<(\w+)>\s*$/s.exec(part) ?? []
      const ink = inkOf(colour)
      const text = (ink ? name : part).trim()
      return text === '' ? [] : {text, ink}
    }),
  )
}

/** What a node without an agent has 0 of instead of its hardware. */
function known(amount: number | undefined): number | null {
  return amount || null
}

/** The graphics card, which agents call None where there is none (1.7). */
function cardOf({gpu_name: name}: Node): string | null {
  return name === 'None' ? null : name || null
}

export const nodeColumns: Columns<Node> = {
  name: node => node.name,
  group: node => node.group || null,
  region: node => node.region || null,
  os: node => node.os || null,
  cpus: node => known(node.cpu_cores),
  memory: node => bytes(known(node.mem_total)),
  disk: node => bytes(known(node.disk_total)),
  price: priceOf,
  // The clock does not matter here: it only tells what is a century away.
  // What is a century away was bought for a lifetime (contracts/komari.md 1.7, trap 10).
  expires: node => until(timeOf(node.expired_at)),
  tags: node => tagsOf(node.tags),
  uuid: hidden(node => node.uuid),
  weight: hidden(node => node.weight),
  currency: paid(node => node.currency || null),
  billing_days: paid(node => node.billing_cycle || null),
  hidden: hidden(node => yesNo(node.hidden)),
  arch: hidden(node => node.arch || null),
  kernel: hidden(node => node.kernel_version || null),
  virtualization: hidden(node => node.virtualization || null),
  cpu_model: hidden(node => node.cpu_name || null),
  gpu_model: hidden(cardOf),
  swap: hidden(node => bytes(node.mem_total === 0 ? null : node.swap_total)),
  auto_renewal: hidden(node => yesNo(node.auto_renewal)),
  traffic_limit: hidden(limitOf),
  traffic_limit_type: hidden(node => node.traffic_limit_type),
  remark: hidden(node => node.remark || null),
  public_remark: hidden(node => node.public_remark || null),
  ipv4: hidden(node => node.ipv4 || null),
  ipv6: hidden(node => node.ipv6 || null),
  agent: hidden(node => node.version || null),
  created: hidden(node => moment(timeOf(node.created_at))),
  // The last edit or hardware upload, not the last report (1.7, trap 11).
  updated: hidden(node => moment(timeOf(node.updated_at))),
}

export const nodePageColumns: Columns<Node> = asPage(nodeColumns)

export const reportColumns: Columns<Report> = {
  time: report => moment(timeOf(report.updated_at)),
  // Left out where it is exactly 0 (1.8).
  cpu: report => percent(report.cpu.usage ?? 0),
  memory: report => percentOf(report.ram.used, report.ram.total),
  disk: report => percentOf(report.disk.used, report.disk.total),
  load: report => decimal(report.load.load1),
  net_in: report => bytesPerSecond(report.network.down),
  net_out: report => bytesPerSecond(report.network.up),
  tcp: report => count(report.connections.tcp),
  udp: report => count(report.connections.udp),
  processes: report => count(report.process),
  uptime: report => duration(report.uptime),
  load5: hidden(report => decimal(report.load.load5)),
  load15: hidden(report => decimal(report.load.load15)),
  memory_used: hidden(report => bytes(report.ram.used)),
  memory_total: hidden(report => bytes(report.ram.total)),
  swap_used: hidden(report => bytes(report.swap.used)),
  swap_total: hidden(report => bytes(report.swap.total)),
  disk_used: hidden(report => bytes(report.disk.used)),
  disk_total: hidden(report => bytes(report.disk.total)),
  net_in_total: hidden(report => bytes(report.network.totalDown)),
  net_out_total: hidden(report => bytes(report.network.totalUp)),
  message: hidden(report => report.message || null),
}

/** A cell of what an online node reports: the feed keeps the last report of an offline one for ever (1.11, trap 11). */
function live(read: (status: NodeStatus) => Cell): (status: NodeStatus) => Cell {
  return status => (status.online === true ? read(status) : null)
}

function stateOf({online}: NodeStatus): Cell {
  return state(online === null ? 'unknown' : online ? 'online' : 'offline')
}

export const statusColumns: Columns<NodeStatus> = {
  name: status => status.name,
  state: stateOf,
  cpu: live(({cpu}) => percent(cpu?.usage)),
  memory: live(({ram}) => percentOf(ram?.used, ram?.total)),
  disk: live(({disk}) => percentOf(disk?.used, disk?.total)),
  load: live(({load}) => decimal(load?.load1)),
  net_in: live(({network}) => bytesPerSecond(network?.down)),
  net_out: live(({network}) => bytesPerSecond(network?.up)),
  uptime: live(({uptime}) => duration(uptime)),
  last_report: status => (status.updated_at === undefined ? null : ago(timeOf(status.updated_at))),
  uuid: hidden(status => status.uuid),
  memory_used: hidden(live(({ram}) => bytes(ram?.used))),
  memory_total: hidden(live(({ram}) => bytes(ram?.total))),
  swap_used: hidden(live(({swap}) => bytes(swap?.used))),
  swap_total: hidden(live(({swap}) => bytes(swap?.total))),
  disk_used: hidden(live(({disk}) => bytes(disk?.used))),
  disk_total: hidden(live(({disk}) => bytes(disk?.total))),
  net_in_total: hidden(live(({network}) => bytes(network?.totalDown))),
  net_out_total: hidden(live(({network}) => bytes(network?.totalUp))),
  tcp: hidden(live(({connections}) => count(connections?.tcp))),
  udp: hidden(live(({connections}) => count(connections?.udp))),
  processes: hidden(live(({process}) => count(process))),
  message: hidden(status => status.message || null),
}

/** The total of a record where the server keeps one (up to 1.2.7), else that of the node today (1.9, trap 8). */
function totalOf(recorded: number | undefined, ofNode: number): number {
  return recorded !== undefined && recorded > 0 ? recorded : ofNode
}

export const loadColumns: Columns<LoadRow> = {
  time: row => moment(timeOf(row.time)),
  cpu: row => percent(row.cpu),
  memory: row => percentOf(row.ram, totalOf(row.ram_total, row.node.mem_total)),
  swap: row => percentOf(row.swap, totalOf(row.swap_total, row.node.swap_total)),
  disk: row => percentOf(row.disk, totalOf(row.disk_total, row.node.disk_total)),
  load: row => decimal(row.load),
  net_in: row => bytesPerSecond(row.net_in),
  net_out: row => bytesPerSecond(row.net_out),
  connections: row => count(row.connections),
  processes: row => count(row.process),
  // 0 is what the panel makes of no card; a temperature no agent tells (1.9).
  gpu: hidden(row => percent(cardOf(row.node) === null ? known(row.gpu) : row.gpu)),
  temp: hidden(row => celsius(known(row.temp))),
  memory_used: hidden(row => bytes(row.ram)),
  swap_used: hidden(row => bytes(row.swap)),
  disk_used: hidden(row => bytes(row.disk)),
  net_in_total: hidden(row => bytes(row.net_total_down)),
  net_out_total: hidden(row => bytes(row.net_total_up)),
  udp: hidden(row => count(row.connections_udp)),
}

/** The columns that a `load_type` fills (1.9). */
export const loadTypes = {
  all: undefined,
  cpu: ['time', 'cpu'],
  ram: ['time', 'memory', 'memory_used'],
  swap: ['time', 'swap', 'swap_used'],
  load: ['time', 'load'],
  temp: ['time', 'temp'],
  disk: ['time', 'disk', 'disk_used'],
  network: ['time', 'net_in', 'net_out', 'net_in_total', 'net_out_total'],
  process: ['time', 'processes'],
  connections: ['time', 'connections', 'udp'],
} as const satisfies Record<string, readonly string[] | undefined>

export type LoadType = keyof typeof loadTypes

/** What `--type` takes; `gpu` is not among what the panel does (1.9). */
export const loadTypeNames = [
  'all',
  'cpu',
  'ram',
  'swap',
  'load',
  'temp',
  'disk',
  'network',
  'process',
  'connections',
] as const satisfies readonly LoadType[]

export const pingColumns: Columns<PingRow> = {
  id: row => row.taskId,
  // A record may name a task that no list has (trap 33).
  task: row => row.task?.name ?? null,
  node: row => row.node?.name ?? row.client ?? null,
  points: row => row.delays.points,
  last: row => milliseconds(row.delays.last),
  min: row => milliseconds(row.delays.min),
  avg: row => milliseconds(row.delays.avg),
  max: row => milliseconds(row.delays.max),
  loss: row => lossPercent(row.delays.loss),
  delay: chart(row => row.delays.series),
  type: hidden(row => row.task?.type),
  interval: hidden(row => duration(row.task?.interval)),
}

export const meColumns: Columns<Me> = {
  username: account => account.username || null,
  logged_in: account => yesNo(account.logged_in),
}

/** Since 1.2.7 both are told as the longest that any metric is kept (contracts/komari.md 7.10). */
function keptFor(hours: number | undefined): Cell {
  const kept = duration(hours === undefined ? null : hours * 3600)
  return kept.raw === null ? kept : {...kept, align: 'left', text: now => `at most ${kept.text(now)}`}
}

export const siteColumns: Columns<z.infer<typeof site>> = {
  name: ({sitename}) => sitename,
  description: ({description}) => description,
  private: ({private_site}) => yesNo(private_site),
  oauth: ({oauth_enable, oauth_provider}) => (oauth_enable ? (oauth_provider ?? 'yes') : 'no'),
  password_login: ({disable_password_login: disabled}) => yesNo(disabled === undefined ? null : !disabled),
  records: ({record_enabled}) => yesNo(record_enabled),
  load_kept: ({record_preserve_time: hours}) => keptFor(hours),
  pings_kept: ({ping_record_preserve_time: hours}) => keptFor(hours),
  theme: ({theme}) => theme,
}

export const versionColumns: Columns<z.infer<typeof version>> = {
  version: row => row.version,
  hash: row => row.hash,
}
