import {flag} from '../../../flags/flags.js'

/** How an agent reports, and what installs it: the flags of a command that does so. */
export const agentFlags = {
  'probe-address': flag.text({summary: 'host that agents report to', placeholder: 'host', filled: true}),
  'probe-port': flag.integer({summary: 'its port (default 5555)', min: 1, max: 65535}),
  tls: flag.toggle({summary: 'agents use TLS, which needs a TLS proxy before the port (default)'}),
  'agent-flag': flag.text({
    summary: 'flag for the agent, as skip-conn or report-delay=2',
    placeholder: 'flag',
    multiple: true,
    filled: true,
  }),
  'install-url': flag.text({summary: 'address of the install script', placeholder: 'url', filled: true}),
  'script-sha256': flag.text({
    summary: 'run the script only if it has this sum',
    placeholder: 'hex',
    filled: true,
  }),
  mirror: flag.choice(['cn'], {summary: 'download script and agent from the mirror in China'}),
  workdir: flag.text({
    summary: 'folder that the agent stays in',
    placeholder: 'folder',
    default: '/opt/nezha',
    filled: true,
  }),
  wait: flag.duration({summary: 'how long the node may take to report', default: '2m'}),
  'no-wait': flag.boolean({summary: 'do not wait until it reports'}),
  'skip-preflight': flag.boolean({summary: 'do not check port, rights and tools first'}),
}
