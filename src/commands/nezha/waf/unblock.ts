import {arg} from '../../../lib/flags/flags.js'
import {unblock} from '../../../lib/panels/nezha/blocks.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'let addresses in again (v1, v2)',
  description: 'Not the own one: whoever is shut out is not listened to, with good credentials neither.',
  examples: ['nezha waf unblock 198.51.100.9', 'nezha waf unblock 198.51.100.9 --if-missing skip'],
  args: {ip: arg.text({summary: 'addresses', required: true, each: true})},
  removes: true,
  perform: ({api, args}) => unblock(api, args.ip),
  columns: {},
  done: ({args}) => `the firewall lets ${args.ip} in again`,
})
