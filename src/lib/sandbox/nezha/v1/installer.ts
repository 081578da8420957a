import type {Installer} from '../../installer.js'
import type {DashboardState} from './state.js'

/**
 * Behaves as the real script of v1 and v2 (contracts/nezha.md 2.3), but in the folder it was started in: a second run
 * leaves a second configuration, and exit 0 does not mean that the agent connected.
 */
export function installerOf(state: DashboardState, port: number): Installer {
  return {
    script: callBack => `#!/bin/sh
# The install script of the panelctl sandbox: no agent, but a report as one would send.
umask 077
if [ "$1" = uninstall ]; then
  rm -rf agent
  exit 0
fi
mkdir -p agent
printf '#!/bin/sh\\nexit 0\\n' >agent/nezha-agent
chmod 700 agent/nezha-agent
for name in NZ_SERVER NZ_CLIENT_SECRET; do
  if eval "[ -z \\"\\$$name\\" ]"; then
    echo "$name should not be empty"
    exit 1
  fi
done
[ -n "$NZ_UUID" ] || NZ_UUID=$(cat /proc/sys/kernel/random/uuid)
case $NZ_UUID in
  ????????-????-????-????-????????????) ;;
  *) echo "init config failed: invalid UUID"; exit 1 ;;
esac
config=agent/config.yml
[ ! -e $config ] || config=agent/config-$$.yml
cat >$config <<END
server: $NZ_SERVER
client_secret: $NZ_CLIENT_SECRET
uuid: $NZ_UUID
tls: \${NZ_TLS:-false}
disable_command_execute: \${NZ_DISABLE_COMMAND_EXECUTE:-false}
END
${callBack} "$NZ_SERVER" "$NZ_TLS" "$NZ_CLIENT_SECRET" "$NZ_UUID" "$NZ_DISABLE_COMMAND_EXECUTE"
echo "nezha-agent successfully installed"
`,
    report: ([server = '', tls, secret = '', uuid = '', refuses]) => {
      const isOwnPort = server.endsWith(`:${port}`)
      const {address} = addressOfAgents(state)
      // TLS against the dashboard's own port never connects; any other port is somebody's TLS proxy.
      if ((tls === 'true') !== isOwnPort)
        state.report({secret, uuid, address, refusesCommands: refuses === 'true'})
    },
  }
}

/** Agents stand where the sandbox does; the firewall knows it only when it goes by peers (trap 54). */
function addressOfAgents(state: DashboardState): {address?: string} {
  return state.setting('web_real_ip_header') === 'NZ::Use-Peer-IP' ? {address: '127.0.0.1'} : {}
}
