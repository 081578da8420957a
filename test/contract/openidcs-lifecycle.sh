#!/bin/sh
# The life of a host and a VM on OpenIDCS, in panelctl commands only: the same lines on every version.
#
#   OPENIDCS_URL=… OPENIDCS_TOKEN=… sh test/contract/openidcs-lifecycle.sh HOST_FILE [HOST [IMAGE]]
#
# HOST_FILE holds the configuration of a VMware host (its paths, address and password), IMAGE is one of its disk
# images. panelctl is the one on PATH. Ends with 0 only if every step did what it should have.
set -eu

config=$1
host=${2:-life}
image=${3:-debian12.vmdk}
vm="$host-web01"

fail() {
  echo "lifecycle: $*" >&2
  exit 1
}

# Runs a command that has to end with another exit code than 0.
ends_with() {
  expected=$1
  shift
  code=0
  "$@" > /dev/null 2>&1 || code=$?
  [ "$code" = "$expected" ] || fail "exit $code and not $expected: $*"
}

# What a jq expression makes of the JSON of a command.
ask() {
  expression=$1
  shift
  panelctl openidcs "$@" -o json | jq -r "$expression"
}

set -x

panelctl openidcs host create "$host" --type VMWareSetup --file "$config"
panelctl openidcs host power "$host" on
[ "$(ask '.config.server_type' host show "$host")" = VMWareSetup ] || fail 'the host has another type'

panelctl openidcs vm create "$host" --name "$vm" --os "$image" --cpu 2 --memory 2G --disk 20G \
  --up 100 --down 100 --traffic 100G --nat-limit 10 --proxy-limit 10 \
  --nic name=ethernet0,ip4=192.168.4.101,type=nat
ends_with 5 panelctl openidcs vm create "$host" --name "$vm" --os "$image"
[ "$(ask '.[].uuid' vm list "$host")" = "$vm" ] || fail 'the list has not exactly the new VM'
[ "$(ask '.config.mem_num' vm show "$host" "$vm")" = 2048 ] || fail 'the memory is another'

panelctl openidcs vm power "$host" "$vm" start
panelctl openidcs vm status "$host" "$vm"
panelctl openidcs vm power "$host" "$vm" hard_stop --yes

panelctl openidcs nat add "$host" "$vm" --port 20080 --to 192.168.4.101:80 --note web
panelctl openidcs nat add "$host" "$vm" --port 20022 --to 192.168.4.101:22 --note ssh
[ "$(ask 'map(.external_port) | sort | join(" ")' nat list "$host" "$vm")" = '20022 20080' ] || fail 'NAT list'
panelctl openidcs nat delete "$host" "$vm" --port 20080 --yes
ends_with 3 panelctl openidcs nat delete "$host" "$vm" --port 20080 --yes
[ "$(ask '.[].external_port' nat list "$host" "$vm")" = 20022 ] || fail 'the wrong NAT rule is gone'
panelctl openidcs nat delete "$host" "$vm" --port 20022 --yes

panelctl openidcs ip add "$host" "$vm" --address 192.168.4.102 --netmask 255.255.255.0 --gateway 192.168.4.1 \
  --nic ethernet0 --note second
ask '.[].address' ip list "$host" "$vm" | grep -qx 192.168.4.102 || fail 'IP list'
panelctl openidcs ip delete "$host" "$vm" --address 192.168.4.102 --yes
ask '.[].address' ip list "$host" "$vm" | grep -qx 192.168.4.102 && fail 'the address is still there'

panelctl openidcs proxy add "$host" "$vm" --domain "$host.example.test" --to 192.168.4.101:80 --note web
[ "$(ask '.[].domain' proxy list "$host" "$vm")" = "$host.example.test" ] || fail 'proxy list'
panelctl openidcs proxy delete "$host" "$vm" --domain "$host.example.test" --yes
[ "$(ask length proxy list "$host" "$vm")" = 0 ] || fail 'the proxy is still there'

panelctl openidcs vm delete "$host" "$vm" --yes
ends_with 3 panelctl openidcs vm show "$host" "$vm"
[ "$(ask length vm list "$host")" = 0 ] || fail 'the VM is still there'
panelctl openidcs host delete "$host" --yes
ends_with 3 panelctl openidcs host show "$host"
