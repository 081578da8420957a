import {agentFlag, runFlags, scriptFlags} from '../../../agent/flags.js'
import {flag} from '../../../flags/flags.js'

/** How an agent reports, and what installs it: the flags of a command that does so. */
export const agentFlags = {
  'probe-address': flag.text({summary: 'host that agents report to', placeholder: 'host', filled: true}),
  'probe-port': flag.integer({summary: 'its port (default 5555)', min: 1, max: 65535}),
  tls: flag.toggle({summary: 'agents use TLS, which needs a TLS proxy before the port (default)'}),
  'agent-flag': agentFlag('skip-conn or report-delay=2'),
  ...scriptFlags,
  mirror: flag.choice(['cn'], {summary: 'download script and agent from the mirror in China'}),
  ...runFlags('/opt/nezha'),
}
