import {flag} from '../../lib/flags/flags.js'
import {oauthPlace} from '../../lib/panels/komari/account.js'
import {komari} from '../../lib/panels/komari/panel.js'
import {actionCommand} from '../../lib/shapes/action.js'
import {openInBrowser} from '../../lib/shapes/browser.js'

export default actionCommand({
  summary: 'print where to log in with OAuth',
  description:
    'The address of the provider. To log in, a browser has to begin at the panel, which --open does: it gets a cookie there that the provider sends it back with. Then take the session of that browser for komari login --with-session.',
  examples: ['komari oauth', 'komari oauth --open'],
  flags: {open: flag.boolean({summary: 'open the login page of the panel in a browser'})},
  perform: async context => {
    const place = await oauthPlace(context.client(komari))
    if (context.flags.open && !context.flags['dry-run']) await openInBrowser(context, place.start)
    return place
  },
  value: ({url}) => url,
  done: (_context, {start}) => `a browser begins at ${start}`,
})
