import type {Answer} from '../../answer.js'
import {json} from '../../go/answers.js'
import {firstHeader} from '../../go/headers.js'
import {goJson} from '../../go/json.js'
import {type Fields, isObject, objectIn, textIn} from '../../json-object.js'
import type {NezhaServer} from '../fleet.js'
import {type Call, failure, forbidden, owns, some} from './call.js'
import {fileTools} from './files.js'
import {holdsScope} from './identity.js'
import {geoOf, hostDetails, seen, statusOf} from './servers.js'
import type {DashboardState} from './state.js'
import {runCommand, serverOf, type Tool, type ToolCall, ToolFailed} from './tools.js'

/** What the emulated agents can be asked for (contracts/nezha.md 3.11). */
const tools: Readonly<Record<string, Tool>> = {
  'meta.whoami': {
    description: 'Identity and scopes of the current token.',
    run: ({caller: {user, pat}}) => ({
      user_id: user.id,
      is_admin: user.role === 0,
      token_id: pat.id,
      token_name: pat.name,
      scopes: pat.scopes,
      server_ids: some(pat.serverIds),
    }),
  },
  'server.list': {
    scope: 'nezha:inventory:read',
    description: 'List servers.',
    run: ({caller, state, given}) => {
      const servers = state.listed().flatMap(server => {
        const row = listItem(server, state)
        return owns(caller, server) && (row.online || given.online_only !== true) ? row : []
      })
      return {servers, count: servers.length}
    },
  },
  'server.get': {
    scope: 'nezha:server:read',
    description: 'Get one server.',
    run: call => {
      const server = serverOf(call)
      if (!server) throw new ToolFailed('server not found')
      const observation = seen(server, call.state)
      return {
        geoip: geoOf(observation),
        host: hostDetails(observation),
        id: server.id,
        last_active: observation.active,
        name: server.name,
        note: some(server.note),
        public_note: some(server.publicNote),
        state: statusOf(observation),
        uuid: server.uuid,
      }
    },
  },
  'server.exec': {scope: 'nezha:server:exec', description: 'Run a command.', run: runCommand},
  ...fileTools,
}

function listItem(server: NezhaServer, state: DashboardState) {
  const observation = seen(server, state)
  return {
    id: server.id,
    name: server.name,
    uuid: server.uuid,
    ipv4: some(observation.ipv4),
    ipv6: some(observation.ipv6),
    online: state.seenAt() / 1000 - observation.lastActive <= 30,
    platform: some(observation.host.Platform),
    arch: some(observation.host.Arch),
    last_active: observation.active,
  }
}

/** POST /mcp: JSON-RPC for tokens alone, and only where it is switched on. */
export function answerMcp({request, caller, state}: Call): Answer {
  const origin = firstHeader(request.rawHeaders, 'origin')
  if (origin !== '' && origin.replace(/^https?:\/\//, '') !== request.headers.host)
    return forbidden('origin not allowed')
  if (caller.kind !== 'pat') return rpc({error: {code: -32001, message: 'missing or invalid API token'}}, 401)
  if (state.settings.enable_mcp !== true) {
    return rpc({error: {code: -32002, message: 'MCP is disabled by the dashboard administrator'}})
  }
  const {id, method, params} = objectIn(request.body) ?? {}
  const {host = ''} = request.headers
  return rpc({id, ...outcomeOf(String(method), isObject(params) ? params : {}, {caller, state, host})})
}

function rpc(members: Fields, status = 200): Answer {
  return json(status, goJson({jsonrpc: '2.0', ...members}))
}

function outcomeOf(
  method: string,
  params: Fields,
  {caller, state, host}: Pick<ToolCall, 'caller' | 'state' | 'host'>,
): Fields {
  if (method === 'initialize') {
    const serverInfo = {name: 'nezha-mcp', version: state.features.version}
    return {result: {protocolVersion: '2024-11-05', capabilities: {tools: {listChanged: false}}, serverInfo}}
  }
  if (method === 'ping') return {result: {}}
  if (method === 'tools/list') {
    const list = Object.entries(tools).map(([name, {description}]) => ({
      name,
      description,
      inputSchema: {type: 'object'},
    }))
    return {result: {tools: list}}
  }
  if (method !== 'tools/call') return {error: {code: -32601, message: `method not supported: ${method}`}}
  const name = textIn(params, 'name')
  const tool = tools[name]
  if (!tool) return {error: {code: -32601, message: `unknown tool: ${name}`}}
  const say = (words: string) => [{type: 'text', text: words}]
  if (tool.scope !== undefined && !holdsScope(caller.pat.scopes, tool.scope)) {
    return {result: {content: say(`missing required scope: ${tool.scope}`), isError: true}}
  }
  try {
    const content = tool.run({caller, state, given: isObject(params.arguments) ? params.arguments : {}, host})
    return {result: {content: say(goJson(content)), structuredContent: content}}
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error
    return {result: {content: say(error.message), structuredContent: error.content, isError: true}}
  }
}

/** GET and DELETE of /mcp. */
const refusal = failure(
  'MCP endpoint only accepts POST (Streamable HTTP without standalone SSE / sessions)',
  405,
)
export const onlyPost: Answer = {...refusal, headers: {...refusal.headers, Allow: 'POST'}}
