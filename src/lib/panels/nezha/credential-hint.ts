import {hint, panelctl} from '../../hint.js'

/** Where a credential is made, generation by generation (contracts/nezha.md 1.2, 3.1). */
export const credentialHint =
  'make an API token in the dashboard (v2: Profile → API Tokens; v0: avatar → API Token; v1 has none, and takes --username)'

/** What v1 takes, where it is known to be that. */
export const accountHint = hint`v1 has no API tokens, and takes a user name and a password: NEZHA_USERNAME and NEZHA_PASSWORD, or ${panelctl('nezha login', [], {flags: {replace: true, username: 'NAME'}, stdin: 'password.txt'})}`
