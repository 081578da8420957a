import {arg, flag} from '../../../lib/flags/flags.js'
import {metricColumns, metricCurves, metricNames, readMetrics} from '../../../lib/panels/nezha/metrics.js'
import {serverNames} from '../../../lib/panels/nezha/names.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show the history of a metric of a server (v2)',
  description:
    'The last day if nothing is said; the panel keeps 30 days, as means of 30 seconds, 30 minutes or 2 hours (of uptime and the transfers the last of each). Needs a dashboard whose TSDB is on.',
  examples: [
    'nezha server metrics web1 --metric cpu',
    'nezha server metrics web1 --metric memory --since 7d --chart',
    'nezha server metrics 1 --metric net_in_speed -o csv',
  ],
  args: {server: arg.text({summary: 'id or unique name', required: true, among: serverNames})},
  flags: {
    metric: flag.choice(metricNames, {summary: 'what to show', required: true}),
    since: flag.span({summary: 'how far back'}),
  },
  noun: 'points',
  fetch: run => readMetrics({...run, note: run.speech.note}, run.args.server, run.flags),
  columns: metricColumns,
  curves: metricCurves,
})
