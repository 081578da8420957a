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
  check: api => api(listServers, {query: {}}),
}
