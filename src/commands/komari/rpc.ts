import {komari} from '../../lib/panels/komari/panel.js'
import {callBatch, callMethod} from '../../lib/panels/komari/rpc.js'
import {callCommand} from '../../lib/shapes/rpc-command.js'

export default callCommand({
  summary: 'call a method of RPC2',
  description:
    'Prints the result, null where the method gives none. Methods have a prefix: common, public, admin, rpc. Those of public take hours and task_id as texts, public:queryMetrics and getPingMetricStats as numbers. Without METHOD, --input holds a call or an array of calls; of an array the answers are printed, exit 9 where some of them are errors. Needs Komari 1.0.7; admin and public methods 1.2.5. Nothing is masked.',
  examples: [
    'komari rpc rpc.methods',
    'komari rpc common:getNodesLatestStatus -o json | jq "map_values(.online)"',
    'komari rpc common:getRecords -f type=ping -F hours=24',
    `komari rpc admin:editClient '{"uuid":"4addbaf1-7ffb-474c-98ee-4ffd476755ff","name":"web1"}' --dry-run`,
    'komari rpc --input batch.json',
  ],
  call: async ({client}, calls) => {
    const {call} = client(komari)
    if (calls.kind === 'document') return callBatch(call, calls.document)
    return {data: await callMethod(call, calls.method, calls.params)}
  },
})
