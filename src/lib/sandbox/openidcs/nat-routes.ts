import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, hostOf, indexOf, success, vmOf} from './call.js'
import type {JsonObject} from './json.js'
import {wantsSessionToWrite} from './login.js'
import {isTruthy, pythonInt} from './python.js'
import {natWords} from './rule-routes.js'
import type {OpenidcsState} from './state.js'
import type {Host} from './vm.js'

/** NAT of the newer panels: PortData, without a protocol (contracts/openidcs.md 27). */
export function listNat(call: Call): Answer {
  return success(call, vmOf(call).nat)
}

/** Names of the seed are ignored: port 0 behind a public one by chance (28). */
export function addNat(call: Call): Answer {
  const {state} = call
  wantsSessionToWrite(call)
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const {lan_port = 0, wan_port = 0, lan_addr = '', nat_tips = ''} = bodyOf(call)
  if (!state.hasRouter(host)) return failure(call, 500, '端口映射创建失败: 未知错误')
  const taken = takenPorts(host)
  // v0.4 takes the zero for a port.
  const isChosen = isTruthy(wan_port) || state.features.models === 'v0.4'
  const wanted = isChosen ? pythonInt(wan_port) : freePort(host, taken, state)
  if (wanted === undefined) return failure(call, 500, '端口映射创建失败: 主机端口可用数量不够')
  if (taken.has(wanted)) return failure(call, 500, '端口映射创建失败: 端口已被占用')
  vm.nat.push({lan_port: pythonInt(lan_port), wan_port: wanted, lan_addr, nat_tips})
  state.log(`添加端口映射: ${vm.name}`, host.name)
  return done(call, natWords.added)
}

function takenPorts(host: Host): Set<number> {
  const rules: readonly JsonObject[] = [...host.vms.values()].flatMap(vm => vm.nat)
  return new Set(rules.map(({wan_port}) => Number(wan_port)))
}

function freePort({config}: Host, taken: ReadonlySet<number>, {random}: OpenidcsState): number | undefined {
  const first = Number(config.ports_start)
  const last = Math.min(Number(config.ports_close), 65_535)
  const free = Array.from({length: Math.max(0, last - first + 1)}, (_, index) => first + index).filter(
    port => port > 0 && !taken.has(port),
  )
  return free[Math.floor(random() * free.length)]
}

/** The rule is gone from the panel whatever the router says (29). */
export function deleteNat(call: Call): Answer {
  wantsSessionToWrite(call)
  const {nat} = vmOf(call)
  if (nat.length === 0) return failure(call, 404, natWords.none)
  if (indexOf(call) >= nat.length) return failure(call, 404, natWords.outOfRange)
  nat.splice(indexOf(call), 1)
  return done(call, natWords.deleted)
}
