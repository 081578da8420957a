import {text} from '../../go/answers.js'
import {firstHeader} from '../../go/headers.js'
import {goJson} from '../../go/json.js'
import type {Conversation} from '../../websocket.js'
import {type Call, Instead, isFor, owns, some} from './call.js'
import {geoOf, hostDetails, seen, statusOf} from './servers.js'

/** GET /ws/server: frames, to whoever asks for a WebSocket from the same host (contracts/nezha.md 3.5). */
export function watchServers(call: Call): never {
  if (!call.upgrades) {
    const refusal = text(400, 'Bad Request\n')
    throw new Instead({...refusal, headers: {...refusal.headers, 'Sec-Websocket-Version': '13'}})
  }
  const {rawHeaders, headers} = call.request
  const origin = firstHeader(rawHeaders, 'origin')
  const isForeign = origin !== '' && origin.replace(/^https?:\/\//, '') !== headers.host
  throw new Instead(isForeign ? text(403, 'Forbidden\n') : feedOf(call))
}

function feedOf(call: Call): Conversation {
  const {state, caller, request, address} = call
  const viewer = {
    userId: caller.kind === 'guest' || caller.user.id === 1 ? 0 : caller.user.id,
    since: state.now(),
    address: address ?? request.remoteAddress.replace(/^::ffff:/, ''),
  }
  state.viewers.add(viewer)
  let isFirst = true
  return {
    reply: () => [],
    feed: {
      everyMs: state.feedEveryMs,
      next: () => {
        const frame = goJson(frameOf(call, isFirst))
        isFirst = false
        return frame
      },
      ended: () => state.viewers.delete(viewer),
    },
  }
}

/** `public_note` only in the first frame of a connection; no address, uuid or group ever. */
function frameOf({state, caller}: Call, isFirst: boolean): unknown {
  const servers = state.listed().flatMap(server => {
    const isOwn = owns(caller, server)
    const isOpen = isFor(caller, server) && !server.hidden
    if (!isOwn && !isOpen) return []
    const observation = seen(server, state)
    return {
      id: server.id,
      name: some(server.name),
      public_note: isFirst ? some(server.publicNote) : undefined,
      display_index: some(server.displayIndex),
      host: hostDetails(observation, isOwn),
      state: statusOf(observation),
      country_code: geoOf(observation).country_code,
      last_active: observation.active,
    }
  })
  const online = state.features.viewers ? state.viewers.size : undefined
  return {now: Math.floor(state.now() / 1000) * 1000, online, servers: some(servers)}
}
