import {agentFlag, runFlags, scriptFlags} from '../../../agent/flags.js'
import {flag} from '../../../flags/flags.js'

/** How an agent reports, and what installs it: the flags of a command that does so. */
export const agentFlags = {
  'probe-address': flag.text({
    summary: 'host that agents report to (v1, v2: default the one of the dashboard)',
    placeholder: 'host',
    filled: true,
  }),
  'probe-port': flag.integer({
    summary: 'its port (default 5555; v1, v2: the one of the dashboard)',
    min: 1,
    max: 65535,
  }),
  tls: flag.toggle({
    summary:
      'agents use TLS: default on v0, which needs a TLS proxy before the port; v1, v2: as the dashboard',
  }),
  'disable-command-execute': flag.boolean({summary: 'the agent runs no command that the dashboard sends'}),
  'agent-flag': agentFlag('skip-conn or report-delay=2'),
  ...scriptFlags,
  mirror: flag.choice(['cn'], {summary: 'download script and agent from the mirror in China'}),
  ...runFlags('/opt/nezha'),
}
