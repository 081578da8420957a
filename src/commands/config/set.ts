import {arg} from '../../lib/flags/flags.js'
import {actionCommand} from '../../lib/shapes/action.js'
import {changeSetting, key, toldSetting} from '../../lib/shapes/config.js'

export default actionCommand({
  summary: 'prefer a format, a timeout, a number of retries, or the columns of a command',
  description:
    'For all panels, or with --context for that saved connection. Flags and variables win over what is preferred, a context over what holds for all. A command that cannot print the format prints a table; columns count in tables and CSV alone.',
  local: 'for a context',
  examples: [
    'config set output json',
    'config set timeout 10s --context lab',
    'config set columns.nezha.server.list name,ip',
  ],
  args: {key, value: arg.text({summary: 'what its flag would take', required: true, asFlagOf: 'key'})},
  perform: context => changeSetting(context, context.args.value),
  done: toldSetting,
})
