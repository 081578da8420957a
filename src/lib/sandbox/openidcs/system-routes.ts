import type {Answer} from '../answer.js'
import {bodyOf, type Call, done, failure, type Handle, success, wrapping} from './call.js'
import {engineList} from './engines.js'
import {isTruthy, PythonError, pythonInt} from './python.js'
import type {LogEntry} from './vm.js'

const resetting =
  (said: string): Handle =>
  call => {
    call.state.token = call.state.newToken()
    return done(call, said, {token: call.state.token})
  }

/** Routes 1 to 3: gone two days after the seed was written (contracts/openidcs.md 2.1). */
export const resetToken = resetting('Token已重置')

export function createToken(call: Call): Answer {
  const {state} = call
  const {token} = bodyOf(call)
  // An empty one is as good as none: it is made up, and the old one is dead (2).
  state.token = isTruthy(token) && token !== undefined ? token : state.newToken()
  return done(call, 'Token已设置', {token: state.token})
}

export function queryToken(call: Call): Answer {
  return success(call, {token: call.state.token})
}

/** Their successors. */
export const tokenReset = wrapping('重置Token失败', resetting('Token重置成功'))

export const tokenSet = wrapping('设置Token失败', call => {
  const {token} = bodyOf(call)
  if (token === undefined || !isTruthy(token)) return failure(call, 400, 'Token不能为空')
  call.state.token = token
  return done(call, 'Token设置成功', {token})
})

export const tokenCurrent = wrapping('获取Token失败', call =>
  done(call, '获取Token成功', {token: call.state.token}),
)

/** Route 4. */
export function save(call: Call): Answer {
  const {features, hosts} = call.state
  const unnamed = features.isNewest && [...hosts.values()].some(({config}) => config.server_name === '')
  if (unnamed) return failure(call, 500, '保存失败')
  call.state.log('保存系统配置: 保存系统配置')
  return done(call, '配置已保存')
}

/** Route 5: rebuilds every host. */
export function load(call: Call): Answer {
  call.state.load()
  call.state.log('加载系统配置: 加载系统配置')
  return done(call, '配置已加载')
}

/** Route 6: nobody counts the VMs that run. */
export function statistics(call: Call): Answer {
  const {hosts} = call.state
  const vm_count = [...hosts.values()].reduce((sum, host) => sum + host.vms.size, 0)
  return success(call, {host_count: hosts.size, vm_count, running_vm_count: 0})
}

/** Route 7. */
export function engines(call: Call): Answer {
  return success(call, engineList(call.state.features))
}

/** Python's `[:limit]`. */
function upTo<Item>(items: readonly Item[], {query}: Call): Item[] {
  return items.slice(0, pythonInt(query.get('limit') ?? 100))
}

const noSuchAttribute = "AttributeError: 'HostManage' object has no attribute 'save_data'"

/** Route 8: the oldest come first, and a limit keeps the oldest. */
export const logs = wrapping('获取日志失败', call => {
  const {query, state} = call
  const host = query.get('hs_name') || undefined
  const own = state.logs.filter(entry => host === undefined || entry.host === host)
  const listed = upTo(own, call)
  if (state.features.hasAccidents) throw new PythonError(noSuchAttribute)
  return done(
    call,
    '获取日志成功',
    listed.map(entry => shownEntry(entry, host)),
  )
})

/** `host` is what was asked for, and the time has no zone (8). */
function shownEntry({at, message, success: isGood}: LogEntry, host: string | undefined) {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  return {
    id: '',
    actions: '',
    message,
    success: isGood,
    results: {},
    execute: null,
    level: isGood ? 'INFO' : 'ERROR',
    timestamp: time,
    created_at: time,
    host: host ?? '系统',
  }
}

export const clearLogs = wrapping('清空日志失败', call => {
  const {query, state} = call
  const host = query.get('hs_name') || undefined
  const kept = host === undefined ? [] : state.logs.filter(entry => entry.host !== host)
  state.logs.splice(0, state.logs.length, ...kept)
  return done(call, '清空日志成功')
})

/** Route 9: nothing ever writes a task. */
export const tasks = wrapping('获取任务失败', call => {
  upTo([], call)
  if (call.state.features.hasAccidents) throw new PythonError(noSuchAttribute)
  if (!call.query.get('hs_name')) return failure(call, 400, '主机名称不能为空')
  return done(call, '获取任务成功', [])
})
