import {agentFlag, runFlags, scriptFlags} from '../../../agent/flags.js'
import {flag} from '../../../flags/flags.js'

/** How an agent reports, and what installs it: the flags of a command that does so. */
export const agentFlags = {
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
  ...runFlags('/opt/komari'),
}
