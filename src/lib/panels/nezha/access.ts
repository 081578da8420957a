import type {Access} from '../../http/access.js'
import {byGeneration} from '../../http/generation.js'
import {nezha} from './panel.js'
import {listServers as listServersOfV0} from './v0/endpoints.js'
import {listServers} from './v1/endpoints.js'
import {tokenIdentity} from './v1/token-identity.js'

export const nezhaAccess: Access = {
  panel: nezha,
  methods: [
    {kind: 'token', summary: 'read an API token from stdin, of v0 or v2 (nzp_…)', prompt: 'API token: '},
    {
      kind: 'cookie',
      // Whole, because the cookie's name can be configured and a view password is a second cookie (contracts/nezha.md 1.2, 1.5).
      summary: 'read a whole Cookie header from stdin (nezha-dashboard=…)',
      prompt: 'Cookie header: ',
    },
  ],
  variables: [
    ['NEZHA_DASHBOARD_URL', 'address of the Nezha dashboard'],
    ['NEZHA_TOKEN', 'API token for it, of v0 or v2'],
    ['NEZHA_COOKIE', 'Cookie header for it (v0), instead of a token'],
    ['NEZHA_USERNAME', 'user name there (v1, v2), instead of a token'],
    ['NEZHA_PASSWORD', 'its password'],
    ['NODE_NAME', 'name of this machine for nezha node auto-register'],
    ['NEZHA_PROBE_ADDRESS', 'host that its agent reports to'],
    ['NEZHA_PROBE_PORT', 'the port there (v0: 5555 unless set)'],
    ['NEZHA_AGENT_SECRET', 'secret of the agents (v1, v2), where the panel does not tell it'],
    ['NEZHA_INSTALL_URL', 'address of the script that installs the agent'],
  ],
  check: api => byGeneration<unknown>([() => api(listServersOfV0, {query: {}}), () => api(listServers, {})]),
  rights: async client => (await tokenIdentity(client))?.scopes,
  // The session that they are good for lasts an hour (contracts/nezha.md 3.1).
  signIn: async (_api, {username, password}) => ({kind: 'password', value: password, user: username}),
}
