import {arg} from '../../../lib/flags/flags.js'
import {runTask} from '../../../lib/panels/nezha/resources/cron-runs.js'
import {actionCommand} from '../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'run tasks now (v1, v2)',
  description:
    'The dashboard queues them, also for agents that are offline or refuse commands. What comes of one is told to its notification group alone.',
  examples: ['nezha cron run backup', 'nezha cron run backup 3 -o json'],
  args: {
    name: arg.text({
      summary: 'ids or unique names',
      required: true,
      each: true,
      among: 'nezha cron list --columns name,id',
    }),
  },
  perform: ({api, args}) => runTask(api, args.name),
  columns: {id: task => task.id, name: task => task.name},
  id: task => task.id,
  done: (_run, {name}) => `queued the task ${name}; what comes of it is told to its notification group alone`,
})
