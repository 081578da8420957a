import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, type Handle, hostOf, Refusal, success, vmOf} from './call.js'
import type {JsonObject} from './json.js'
import {withDefaults} from './models.js'
import {isTruthy, pythonInt} from './python.js'
import {natRules, type RuleList} from './rules.js'
import type {OpenidcsState} from './state.js'
import type {Host} from './vm.js'

export function added(call: Call, {name}: RuleList): Answer {
  return done(call, `${name}添加成功`)
}

export function deleted(call: Call, {name}: RuleList): Answer {
  return done(call, `${name}已删除`)
}

export const list =
  (rules: RuleList, shown: (rule: JsonObject) => JsonObject = rule => rule): Handle =>
  call =>
    success(call, rules.of(vmOf(call)).map(shown))

/** Any type is fine, and an empty body adds an empty record (28, 31, 34). */
export const add =
  (rules: RuleList): Handle =>
  call => {
    const vm = vmOf(call)
    rules.of(vm).push(withDefaults(rules.defaults, bodyOf(call)))
    return added(call, rules)
  }

/** The place of a rule that the path names, as far as there is one. */
export function ruleAt(call: Call, {of, name}: RuleList): {list: JsonObject[]; index: number} {
  const list = of(vmOf(call))
  const index = Number(call.path.index)
  if (index >= list.length)
    throw new Refusal(failure(call, 404, `${name}${list.length === 0 ? '不存在' : '索引无效'}`))
  return {list, index}
}

/** The ones behind it move up; the newest forgets it whatever the router says (29). */
export const remove =
  (rules: RuleList): Handle =>
  call => {
    const {list, index} = ruleAt(call, rules)
    list.splice(index, 1)
    return deleted(call, rules)
  }

/** NAT of the newest panel, without a protocol; names of the seed are ignored: port 0 behind a public one by chance (contracts/openidcs.md 28). */
export function addNat(call: Call): Answer {
  const {state} = call
  const host = hostOf(call)
  const vm = vmOf(call, host)
  const {lan_port = 0, wan_port = 0, lan_addr = '', nat_tips = ''} = bodyOf(call)
  if (!state.hasRouter(host)) return failure(call, 500, '端口映射创建失败: 未知错误')
  const taken = takenPorts(host)
  const wanted = isTruthy(wan_port) ? pythonInt(wan_port) : freePort(host, taken, state)
  if (wanted === undefined) return failure(call, 500, '端口映射创建失败: 主机端口可用数量不够')
  if (taken.has(wanted)) return failure(call, 500, '端口映射创建失败: 端口已被占用')
  vm.nat.push({lan_port: pythonInt(lan_port), wan_port: wanted, lan_addr, nat_tips})
  state.log(`添加端口映射: ${vm.name}`, host.name)
  return added(call, natRules)
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
