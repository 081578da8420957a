import {loadConfig} from '../../../../lib/panels/openidcs/endpoints.js'
import {actionCommand} from '../../../../lib/shapes/action.js'

export default actionCommand({
  summary: 'let the panel read its configuration from its database again',
  description:
    'All hosts are made anew, consoles are cut, and what was not saved is gone: versions of December 2025 forget the NAT, IP and proxy rules of all virtual machines.',
  examples: ['openidcs system config load --yes'],
  confirm: () =>
    'Load the configuration again? What was not saved is lost; versions of December 2025 forget all NAT, IP and proxy rules.',
  perform: ({api}) => api(loadConfig, {body: {}}),
  done: () => 'loaded the configuration',
})
