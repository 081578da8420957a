import {agentFlag, runFlags, scriptFlags} from '../../../agent/flags.js'
import {flag} from '../../../flags/flags.js'

/** How an agent reports, and where it comes from. */
export const installFlags = {
  endpoint: flag.text({
    summary: 'address that agents report to (default: the one of the panel)',
    placeholder: 'url',
    filled: true,
  }),
  'agent-flag': agentFlag('disable-web-ssh or interval=5'),
  ...scriptFlags,
  mirror: flag.text({
    summary: 'download script and agent through this proxy of GitHub, which must be trusted',
    placeholder: 'url',
    filled: true,
  }),
}

/** The same for a command that installs it. */
export const agentFlags = {...installFlags, ...runFlags('/opt/komari')}
