import {arg, flag} from '../../../lib/flags/flags.js'
import {
  readServiceHistory,
  serviceCurves,
  serviceHistoryColumns,
} from '../../../lib/panels/nezha/service-history.js'
import {listCommand} from '../../../lib/shapes/list.js'

export default listCommand({
  summary: 'show what each server measured of a service (v2)',
  description:
    'The last day if nothing is said; the panel keeps 30 days, as means of 30 seconds, 30 minutes or 2 hours. A status of 0 is a lost probe.',
  examples: ['nezha service history web', 'nezha service history web --since 7d --chart'],
  args: {
    name: arg.text({
      summary: 'id or unique name',
      required: true,
      among: 'nezha service list --columns name,id',
    }),
  },
  flags: {since: flag.span({summary: 'how far back'})},
  noun: 'servers',
  fetch: run => readServiceHistory({...run, note: run.speech.note}, run.args.name, run.flags.since),
  columns: serviceHistoryColumns,
  id: row => row.server_id,
  curves: serviceCurves,
})
