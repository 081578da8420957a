import * as z from 'zod/mini'
import {endpoint, read} from './panel.js'
import {
  addresses,
  engines,
  host,
  hostDetail,
  hostStatus,
  logEntry,
  natRuleList,
  proxies,
  scanResult,
  stats,
  task,
  token,
  uploaded,
  vm,
  vmStatus,
} from './schemas.js'

/** Creating a VM copies disk images before it answers (contracts/openidcs.md 1.5, trap 23). */
const WRITE_TIMEOUT = 600_000

/** Written once, whatever comes: lists are addressed by position and VMs by a part of their name (traps 13, 23, 27). */
const write = {retry: 'never', timeout: WRITE_TIMEOUT} as const

/** Each POST and PUT needs a JSON body, even where it holds nothing (1.2, trap 4). */
const empty = z.strictObject({})

const fields = z.record(z.string(), z.unknown())

// 2.1 System

/** No. 3. */
export const showToken = read({path: '/api/system/tquery', result: token})

/** The successor of `showToken` since 2025-12-10. */
export const showNewerToken = read({path: '/api/token/current', result: token})

const tokenWrite = {...write, result: token, lookWith: 'openidcs system token show'} as const

/** No. 2. An empty token makes a random one (trap 6). */
export const setToken = endpoint({
  ...tokenWrite,
  method: 'POST',
  path: '/api/system/create',
  body: z.object({token: z.string().check(z.minLength(1))}),
  tellsOnce: true,
})

/** The successor of `setToken`. */
export const setNewerToken = endpoint({
  ...tokenWrite,
  method: 'POST',
  path: '/api/token/set',
  body: z.object({token: z.string().check(z.minLength(1))}),
  tellsOnce: true,
})

/** No. 1. The old token is dead at once, and the new one is only in the answer (trap 7). */
export const resetToken = endpoint({
  ...tokenWrite,
  method: 'POST',
  path: '/api/system/resets',
  body: empty,
  tellsOnce: true,
})

/** The successor of `resetToken`. */
export const resetNewerToken = endpoint({
  ...tokenWrite,
  method: 'POST',
  path: '/api/token/reset',
  body: empty,
  tellsOnce: true,
})

/** No. 4. */
export const saveConfig = endpoint({
  ...write,
  method: 'POST',
  path: '/api/system/saving',
  body: empty,
  result: z.null(),
  lookWith: 'openidcs system stats',
})

/** No. 5. Rebuilds all hosts, and forgets NAT, IP and proxy rules on the seed's server (trap 25). */
export const loadConfig = endpoint({
  ...write,
  method: 'POST',
  path: '/api/system/loader',
  body: empty,
  result: z.null(),
  lookWith: 'openidcs host list',
})

/** No. 6. */
export const showStats = read({path: '/api/system/statis', result: stats})

/** No. 7. */
export const listEngines = read({path: '/api/system/engine', result: engines})

/** No. 8. The oldest first, of which `limit` keeps the oldest (trap 17). */
export const listLogs = read({
  path: '/api/system/logger/detail',
  query: z.object({hs_name: z.optional(z.string()), limit: z.optional(z.number())}),
  result: z.array(logEntry),
})

/** No. 9. */
export const listTasks = read({
  path: '/api/system/tasker',
  query: z.object({hs_name: z.string(), limit: z.optional(z.number())}),
  result: z.array(task),
})

// 2.2 Hosts

/** No. 10. An object by name. */
export const listHosts = read({path: '/api/server/detail', result: z.record(z.string(), host)})

/** No. 11. Only the word `true` asks for the status (trap 18). */
export const showHost = read({
  path: '/api/server/detail/:host',
  query: z.object({status: z.optional(z.literal('true'))}),
  result: hostDetail,
})

const hostWrite = {...write, result: z.null(), lookWith: 'openidcs host list'} as const

/** No. 12. */
export const createHost = endpoint({
  ...hostWrite,
  method: 'POST',
  path: '/api/server/create',
  body: z.object({name: z.string(), type: z.string(), config: fields}),
})

/** No. 13. Replaces the whole configuration; `server_type` has to be in it (trap 8). */
export const updateHost = endpoint({
  ...hostWrite,
  method: 'PUT',
  path: '/api/server/update/:host',
  body: z.object({config: fields}),
  lookWith: 'openidcs host show :host',
})

/** No. 14. */
export const deleteHost = endpoint({...hostWrite, method: 'DELETE', path: '/api/server/delete/:host'})

/** No. 15. Anything but `enable: false` enables (trap 6). */
export const powerHost = endpoint({
  ...hostWrite,
  method: 'POST',
  path: '/api/server/powers/:host',
  body: z.object({enable: z.boolean()}),
  lookWith: 'openidcs host show :host',
})

/** No. 16. Only the word `true` measures anew (trap 18). */
export const showHostStatus = read({
  path: '/api/server/status/:host',
  query: z.object({refresh: z.optional(z.literal('true'))}),
  result: hostStatus,
})

// 2.3 VMs

/** No. 17. An object by name. */
export const listVms = read({path: '/api/client/detail/:host', result: z.record(z.string(), vm)})

/** No. 18. */
export const showVm = read({path: '/api/client/detail/:host/:vm', result: vm})

const vmWrite = {...write, result: z.unknown(), lookWith: 'openidcs vm list :host'} as const

/** No. 19. Without a name it wipes a folder on the seed's server, and it overwrites a VM of that name. */
export const createVm = endpoint({
  ...vmWrite,
  method: 'POST',
  path: '/api/client/create/:host',
  body: z.looseObject({vm_uuid: z.string().check(z.minLength(1))}),
})

/** No. 20. Replaces the whole configuration, and starts the VM again (trap 8). */
export const updateVm = endpoint({
  ...vmWrite,
  method: 'PUT',
  path: '/api/client/update/:host/:vm',
  body: z.looseObject({vm_uuid: z.string()}),
  lookWith: 'openidcs vm show :host :vm',
})

/** No. 21. A refusal may have removed the files all the same. */
export const deleteVm = endpoint({...vmWrite, method: 'DELETE', path: '/api/client/delete/:host/:vm'})

/** No. 22. In small letters; an empty body starts the VM (trap 6). */
export const powerVm = endpoint({
  ...vmWrite,
  method: 'POST',
  path: '/api/client/powers/:host/:vm',
  body: z.object({action: z.string()}),
  lookWith: 'openidcs vm status :host :vm',
})

/** No. 23. */
export const showVmStatus = read({path: '/api/client/status/:host/:vm', result: vmStatus})

/** No. 24. */
export const scanVms = endpoint({
  ...vmWrite,
  method: 'POST',
  path: '/api/client/scaner/:host',
  body: z.object({prefix: z.optional(z.string())}),
  result: scanResult,
})

/** No. 25. The one call without credentials. */
export const uploadStatus = endpoint({
  ...write,
  method: 'POST',
  path: '/api/client/upload',
  query: z.object({nic: z.string()}),
  body: fields,
  result: uploaded,
  lookWith: 'openidcs host list',
  anonymous: true,
})

/** No. 26. A text; each call makes the address before worthless. */
export const showConsole = read({path: '/api/client/remote/:host/:vm', result: z.string(), acts: true})

// 2.4 to 2.6 Rules, addressed by their position in the list

/** No. 27. */
export const listNat = read({path: '/api/client/natget/:host/:vm', result: natRuleList})

const ruleWrite = {...write, result: z.unknown()} as const

/** No. 28. */
export const addNat = endpoint({
  ...ruleWrite,
  method: 'POST',
  path: '/api/client/natadd/:host/:vm',
  body: fields,
  lookWith: 'openidcs nat list :host :vm',
})

/** No. 29. */
export const deleteNat = endpoint({
  ...ruleWrite,
  method: 'DELETE',
  path: '/api/client/natdel/:host/:vm/:index',
  lookWith: 'openidcs nat list :host :vm',
})

/** No. 30. */
export const listAddresses = read({path: '/api/client/ipaddr/detail/:host/:vm', result: addresses})

/** No. 31. A record on the seed's server; a network card since (2.7 no. 12). */
export const addAddress = endpoint({
  ...ruleWrite,
  method: 'POST',
  path: '/api/client/ipaddr/create/:host/:vm',
  body: fields,
  lookWith: 'openidcs ip list :host :vm',
})

/** No. 32. Works up to 2025-12-10. */
export const deleteAddress = endpoint({
  ...ruleWrite,
  method: 'DELETE',
  path: '/api/client/ipaddr/delete/:host/:vm/:index',
  lookWith: 'openidcs ip list :host :vm',
})

/** The successor of `deleteAddress`: by the name of the network card (2.5 no. 32). */
export const deleteNic = endpoint({
  ...ruleWrite,
  method: 'DELETE',
  path: '/api/hosts/:host/vms/:vm/ip_addresses/:nic',
  lookWith: 'openidcs ip list :host :vm',
})

/** No. 33. */
export const listProxies = read({path: '/api/client/proxys/detail/:host/:vm', result: proxies})

/** No. 34. */
export const addProxy = endpoint({
  ...ruleWrite,
  method: 'POST',
  path: '/api/client/proxys/create/:host/:vm',
  body: fields,
  lookWith: 'openidcs proxy list :host :vm',
})

/** No. 35. Not the admin's route, which deletes a second one (2.6). */
export const deleteProxy = endpoint({
  ...ruleWrite,
  method: 'DELETE',
  path: '/api/client/proxys/delete/:host/:vm/:index',
  lookWith: 'openidcs proxy list :host :vm',
})
