import type {Access} from '../../http/access.js'
import {listServers} from './endpoints.js'
import {nezha} from './panel.js'

export const nezhaAccess: Access = {
  panel: nezha,
  methods: [
    {kind: 'token', summary: 'read an API token from stdin', prompt: 'API token: '},
    {
      kind: 'cookie',
      // Whole, because the cookie's name can be configured and a view password is a second cookie (contracts/nezha.md 1.2, 1.5).
      summary: 'read a whole Cookie header from stdin (nezha-dashboard=…)',
      prompt: 'Cookie header: ',
    },
  ],
  variables: [
    ['NEZHA_DASHBOARD_URL', 'address of the Nezha dashboard'],
    ['NEZHA_TOKEN', 'API token for it'],
    ['NEZHA_COOKIE', 'Cookie header for it, instead of a token'],
    ['NODE_NAME', 'name of this machine for nezha node auto-register'],
    ['NEZHA_PROBE_ADDRESS', 'host that its agent reports to'],
    ['NEZHA_PROBE_PORT', 'the port there, 5555 unless set'],
    ['NEZHA_INSTALL_URL', 'address of the script that installs the agent'],
  ],
  check: api => api(listServers, {query: {}}),
}
