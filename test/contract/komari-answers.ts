import {metrics} from '../commands/komari/world.js'
import {
  type Answer,
  type ReplayServer,
  type Route,
  replayServer,
  startReplayServer,
} from '../replay-server.js'

/** Answers of Komari, written down by hand: for what its emulator never says. */

export interface KomariServer extends ReplayServer {
  /** For the environment: its address, and no credential. */
  readonly environment: Readonly<Record<string, string>>
}

const page: Answer = {text: '<!doctype html><title>Komari</title>', type: 'text/html; charset=utf-8'}

/** An unknown path with another method than GET (contracts/komari.md 0.4, shape F). */
const notFound: Answer = {status: 404, text: '404 page not found', type: 'text/plain'}

/** The standard envelope. */
export function success(data: unknown): Answer {
  return {json: {status: 'success', message: '', data}}
}

/** A refusal in the panel's words. */
export function refused(status: number, message: string): Answer {
  return {status, json: {status: 'error', message}}
}

function asKomari(server: ReplayServer, routes: Record<string, Route>): KomariServer {
  Object.assign(server.routes, routes)
  server.otherwise = ({method}) => (method === 'GET' ? page : notFound)
  return Object.assign(server, {environment: {KOMARI_URL: server.url}})
}

/** A server that is Komari where it says nothing else, closed after the test. */
export async function komariServer(
  routes: Record<string, Route> = {},
  protocol: 'http' | 'https' = 'http',
): Promise<KomariServer> {
  return asKomari(await replayServer(protocol), routes)
}

/** The same for who closes it himself. */
export async function startKomariServer(): Promise<KomariServer> {
  return asKomari(await startReplayServer(), {})
}

/** A node as 1.4.3 gives it to a guest (contracts/komari.md 1.7). */
export function node(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    uuid: '26a0fc67-bd2d-43fe-932a-0795deee5412',
    name: 'web1',
    cpu_name: 'AMD EPYC 7763',
    virtualization: 'kvm',
    arch: 'amd64',
    cpu_cores: 2,
    cpu_physical_cores: 1,
    os: 'Debian GNU/Linux 13 (trixie)',
    kernel_version: '6.12.0',
    gpu_name: 'None',
    region: 'HK',
    mem_total: 2_147_483_648,
    swap_total: 0,
    disk_total: 42_949_672_960,
    weight: 0,
    price: 5,
    billing_cycle: 30,
    auto_renewal: false,
    currency: '$',
    expired_at: '2026-12-01T12:00:00Z',
    group: 'Production',
    tags: 'edge;hk',
    hidden: false,
    traffic_limit: 0,
    traffic_limit_type: 'max',
    created_at: '2026-11-01T00:00:00Z',
    updated_at: '2026-11-02T00:00:00.123456789Z',
    ...fields,
  }
}

/** What an agent reports, as the live feed has it. */
export function report(fields: Readonly<Record<string, unknown>> = {}) {
  return {
    ...metrics,
    updated_at: '2026-11-21T11:59:58.5Z',
    ...fields,
  }
}

export const otherUuid = '99ed6983-2546-49ed-878c-9cbe6ab86b84'

/** A frame of the feed: these nodes online, and these reports. */
export function frame(online: readonly string[], data: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({data: {online, data}, status: 'success'})}\n`
}

/** A panel with these nodes, all of them online and reporting. */
export async function nodesServer(
  nodes: readonly {uuid: string; name: string}[] = [node()],
): Promise<KomariServer> {
  const server = await komariServer({'GET /api/nodes': success(nodes)})
  const uuids = nodes.map(({uuid}) => uuid)
  server.feed = question =>
    question === 'get'
      ? frame(uuids, Object.fromEntries(uuids.map(uuid => [uuid, report()])))
      : '{"error":"Invalid message","status":"error"}\n'
  return server
}
