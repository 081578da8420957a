import type {Access} from '../../http/access.js'
import {showStats} from './endpoints.js'
import {openidcs} from './panel.js'

export const openidcsAccess: Access = {
  panel: openidcs,
  methods: [{kind: 'token', summary: 'read the access token from stdin', prompt: 'Access token: '}],
  variables: [
    ['OPENIDCS_URL', 'address of the OpenIDCS panel'],
    ['OPENIDCS_TOKEN', 'access token for it'],
  ],
  // Where the seed says that a panel is.
  defaultUrl: 'http://localhost:1880',
  // The one call that every version answers to a good token alone, and to no other (contracts/openidcs.md trap 3).
  check: api => api(showStats, {}),
}
