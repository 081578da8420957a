#!/bin/sh
# What operators do with Nezha, in panelctl commands only: the same lines on v0, v1 and v2.
#
#   NEZHA_DASHBOARD_URL=… NEZHA_TOKEN=… sh test/contract/nezha-everywhere.sh GENERATION [SERVER TAG [SPARE]]
#
# In place of the token also NEZHA_USERNAME and NEZHA_PASSWORD, or NEZHA_COOKIE. SERVER is a server that reports, in the group
# TAG, and has monitors; SPARE one that may be changed and deleted. panelctl is the one on PATH. Ends with 0 only if every step
# did what it should have: the same JSON keys and exit codes, but for what GENERATION cannot do, which is exit 5.
set -eu

generation=$1
server=${2:-hub1}
tag=${3:-Production}
spare=${4:-new1}

fail() {
  echo "everywhere: $*" >&2
  exit 1
}

# Runs a command that has to end with this exit code.
ends_with() {
  expected=$1
  shift
  code=0
  "$@" > /dev/null 2>&1 || code=$?
  [ "$code" = "$expected" ] || fail "exit $code and not $expected: $*"
}

# The same, but that v0 cannot do it.
newer() {
  expected=$1
  shift
  if [ "$generation" = v0 ]; then ends_with 5 "$@"; else ends_with "$expected" "$@"; fi
}

# The JSON of a command has to make this jq expression true.
holds() {
  expression=$1
  shift
  panelctl nezha "$@" -o json | jq -e "$expression" > /dev/null || fail "not so: $expression: $*"
}

list_keys='["id","ipv4","ipv6","last_active","name","tag","valid_ip"]'
host_keys='["Arch","BootTime","CPU","CountryCode","DiskTotal","GPU","MemTotal","Platform","PlatformVersion","SwapTotal","Version","Virtualization"]'
state_keys='["CPU","DiskUsed","GPU","Load1","Load15","Load5","MemUsed","NetInSpeed","NetInTransfer","NetOutSpeed","NetOutTransfer","ProcessCount","SwapUsed","TcpConnCount","Temperatures","UdpConnCount","Uptime"]'
monitor_keys='["avg_delay","created_at","monitor_id","monitor_name","server_id","server_name"]'

set -x

# Login: a context is kept, and knows the generation.
config=$(mktemp -d)
PANELCTL_CONFIG_DIR=$config
PANELCTL_STATE_DIR=$config/state
export PANELCTL_CONFIG_DIR PANELCTL_STATE_DIR
trap 'rm -rf "$config"' EXIT
if [ -n "${NEZHA_TOKEN:-}" ]; then
  printf %s "$NEZHA_TOKEN" | panelctl nezha login --url "$NEZHA_DASHBOARD_URL" --with-token
else
  printf %s "$NEZHA_PASSWORD" | panelctl nezha login --url "$NEZHA_DASHBOARD_URL" --username "$NEZHA_USERNAME"
fi
unset NEZHA_DASHBOARD_URL NEZHA_TOKEN NEZHA_COOKIE NEZHA_USERNAME NEZHA_PASSWORD
panelctl context check
panelctl context list -o json | jq -e ".[0].generation == \"$generation\"" > /dev/null || fail 'the context knows another generation'

# What there is, in the names of v0.
holds "length > 1 and all(.[]; $list_keys - keys == [])" server list
holds 'map(.id) | . == sort' server list
holds "length > 0 and all(.[]; .tag | split(\",\") | index(\"$tag\"))" server list --tag "$tag"
holds "length > 1 and all(.[]; ($list_keys - keys == []) and ($host_keys - (.host | keys) == []) and ($state_keys - (.status | keys) == []))" server details
id=$(panelctl nezha server show "$server" -o id)
holds ".name == \"$server\" and .host.MemTotal > 0 and .last_active > 0" server show "$id"
holds ".id == $id and .status.Uptime > 0" server show "$server"
holds "map(.id) == [$id]" server details "$id"
ends_with 9 panelctl nezha server details "$id" 999999
ends_with 3 panelctl nezha server details 999999
ends_with 3 panelctl nezha server show no-such-server
ends_with 2 panelctl nezha server details "$id" --tag "$tag"
holds "length > 0 and all(.[]; $monitor_keys - keys == [])" monitor show "$server"
holds "all(.[]; .server_id == $id and (.created_at | length) == (.avg_delay | length))" monitor show "$server" --since 6h
ends_with 3 panelctl nezha monitor show 999999
holds "map(select(.id == $id))[0] | .online == true and .status.Uptime > 0" server status
[ "$(panelctl nezha server status "$server" --follow -o ndjson | head -2 | jq -r '.[0].id' | sort -u)" = "$id" ] || fail 'follow'
holds "any(.[]; .name == \"$tag\" and (.servers | index($id)))" group list

# What is kept of metrics: of v2 alone.
if [ "$generation" = v2 ]; then
  holds 'length > 0 and all(.[]; .ts > 0 and .value >= 0)' server metrics "$server" --metric cpu --since 1h
else
  ends_with 5 panelctl nezha server metrics "$server" --metric cpu
fi

# A server that a person asks an agent's secret for.
holds '.secret | length > 0' server register --name everywhere

# Changes: what is not named stays, and what is so already is left alone.
newer 0 panelctl nezha server edit "$spare" --name everywhere-2 --note 'rack 4' --public-note here --hide --order 3
if [ "$generation" != v0 ]; then
  holds '.name == "everywhere-2" and .note == "rack 4" and .public_note == "here" and .hide_for_guest and .display_index == 3' server show everywhere-2
  holds '.changed == false' server edit everywhere-2 --note 'rack 4'
  holds '.changed and .note == "rack 4" and (.hide_for_guest | not)' server edit everywhere-2 --no-hide
  spare=everywhere-2
fi
newer 0 panelctl nezha group create everywhere --server "$spare"
newer 5 panelctl nezha group create everywhere
newer 0 panelctl nezha group create everywhere --if-exists skip
newer 0 panelctl nezha group add everywhere "$id"
if [ "$generation" != v0 ]; then
  holds '.changed == false' group add everywhere "$id"
  holds "any(.[]; .id == $id)" server list --tag everywhere
  holds ".tag | split(\",\") | index(\"everywhere\")" server show "$id"
fi
newer 0 panelctl nezha group remove everywhere "$id"
newer 0 panelctl nezha group delete everywhere --yes
newer 3 panelctl nezha group delete everywhere --yes
newer 0 panelctl nezha group delete everywhere --yes --if-missing skip
ends_with 2 panelctl nezha server delete "$spare"
newer 0 panelctl nezha server delete "$spare" --yes
newer 3 panelctl nezha server delete "$spare" --yes
newer 3 panelctl nezha server delete 999999 --yes
holds "any(.[]; .id == $id)" server list

panelctl nezha logout
ends_with 4 panelctl nezha server list
