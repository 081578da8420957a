import {readToken} from '../../../../lib/panels/openidcs/system/tokens.js'
import {showCommand} from '../../../../lib/shapes/show.js'

export default showCommand({
  summary: 'show the access token of the panel',
  examples: ['openidcs system token show', 'openidcs system token show -o json | jq -r .token'],
  fetch: ({api}) => readToken(api),
  columns: {token: ({token}) => token},
  id: ({token}) => token,
  value: ({token}) => token,
  reveals: true,
})
