import type {Access} from '../../http/access.js'
import {listClients, logIn, logOut, showMe} from './endpoints.js'
import {komari} from './panel.js'

export const komariAccess: Access = {
  panel: komari,
  methods: [
    {
      kind: 'token',
      summary: 'read an API key from stdin',
      prompt: 'API key: ',
    },
    {
      kind: 'session',
      summary: 'read a session from stdin, as the cookie session_token holds it',
      prompt: 'Session: ',
    },
  ],
  variables: [
    ['KOMARI_URL', 'address of the Komari panel'],
    ['KOMARI_API_KEY', 'API key for it'],
    ['KOMARI_SESSION_TOKEN', 'session for it, instead of an API key'],
    ['KOMARI_INSTALL_URL', 'address of the script that installs its agent'],
  ],
  async check(api) {
    const nodes = await api(listClients, {})
    // There may be none; other programs answer everything so.
    if (nodes.length === 0) await api(showMe, {})
  },
  otp: true,
  signIn: async (api, {username, password, otp}) => {
    const answer = await api(logIn, {body: {username, password, ...(otp ? {'2fa_code': otp} : {})}})
    return {kind: 'session', value: answer['set-cookie'].session_token}
  },
  signOut: async (api, {kind}) => (kind === 'session' ? api(logOut, {}) : undefined),
}
