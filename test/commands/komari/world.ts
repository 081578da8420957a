import type {KomariOptions} from '../../emulated.js'

type SeedNode = NonNullable<KomariOptions['nodes']>[number]

export const web1Uuid = '26a0fc67-bd2d-43fe-932a-0795deee5412'
export const db1Uuid = '99ed6983-2546-49ed-878c-9cbe6ab86b84'

/** What an agent reports, as the live feed has it. */
export const metrics = {
  cpu: {usage: 12.5},
  ram: {total: 2_147_483_648, used: 1_073_741_824},
  swap: {total: 0, used: 0},
  load: {load1: 0.42, load5: 0.4, load15: 0.36},
  disk: {total: 42_949_672_960, used: 4_294_967_296},
  network: {up: 2048, down: 1_048_576, totalUp: 903_260_419_567, totalDown: 106_394_222_079},
  connections: {tcp: 42, udp: 4},
  uptime: 1_728_054,
  process: 112,
  message: '',
}

/** A node whose figures stand still, so that tables can be told whole. */
export const web1: SeedNode = {
  uuid: web1Uuid,
  name: 'web1',
  os: 'Debian GNU/Linux 13 (trixie)',
  cpu_cores: 2,
  region: 'HK',
  mem_total: 2_147_483_648,
  swap_total: 0,
  disk_total: 42_949_672_960,
  price: 5,
  billing_cycle: 30,
  expired_at: '2026-12-01T12:00:00Z',
  group: 'Production',
  tags: 'edge;hk',
  metrics,
}

export const db1: SeedNode = {...web1, uuid: db1Uuid, name: 'db1', weight: 1, group: 'Backup'}

/** The data that a panel answers a guest with. */
export async function dataAt<Data>({url}: {readonly url: string}, path: string): Promise<Data> {
  const answer: {data: Data} = JSON.parse(await (await fetch(url + path)).text())
  return answer.data
}
