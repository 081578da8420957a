import {autoRegister} from '../../../lib/agent/auto-register.js'
import {nodeColumns} from '../../../lib/agent/columns.js'
import {actionCommand} from '../../../lib/command/action.js'
import {flag} from '../../../lib/command/flags.js'

export default actionCommand({
  summary: 'register this machine and install its agent, once',
  description:
    'Registers a server, downloads the install script of Nezha v0, runs it and waits until the panel sees the agent report. It can be run again at any time: what is there stays, and what was interrupted goes on. Needs Linux and root, for the script does. From the environment, where no flag says otherwise: NODE_NAME, NEZHA_PROBE_ADDRESS, NEZHA_PROBE_PORT, NEZHA_INSTALL_URL, besides NEZHA_DASHBOARD_URL and NEZHA_TOKEN.',
  examples: [
    'nezha node auto-register --probe-address probe.example.com --no-tls',
    'nezha node auto-register --name web1 --tag Production --probe-address probe.example.com --probe-port 443',
    'nezha node auto-register --name web1 --probe-address probe.example.com --dry-run',
  ],
  flags: {
    name: flag.text({
      summary: 'name of the node (default: the host name)',
      placeholder: 'name',
      multiple: true,
      filled: true,
    }),
    tag: flag.text({summary: 'group to put it into', placeholder: 'tag', filled: true}),
    note: flag.text({summary: 'note, for administrators', placeholder: 'text'}),
    'hide-for-guest': flag.toggle({
      summary: 'hide it from guests, which is what the panel does if nothing is said',
    }),
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
    'if-exists': flag.choice(['resume', 'skip', 'fail', 'create'], {
      summary: 'what to do about a server of that name and tag',
      default: 'resume',
    }),
    wait: flag.duration({summary: 'how long the node may take to report', default: '2m'}),
    'no-wait': flag.boolean({summary: 'do not wait until it reports'}),
    'skip-preflight': flag.boolean({summary: 'do not check port, rights and tools first'}),
  },
  perform: run => autoRegister(run, run.flags),
  columns: nodeColumns,
  endsItself: true,
})
