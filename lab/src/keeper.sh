#!/bin/sh
# First process of a lab: PID 1 in a PID namespace, with mounts and network of its own. When it ends,
# however it ends, the kernel ends every process of the lab and drops its mounts, bridge and cables.
# Arguments: marker, bridge, address/length, IPv6 address/length, domain, folder of name files, log of the DNS.
set -eu
bridge=$2 address=$3 address6=$4 domain=$5 names=$6 log=$7

# LXC's locks and sockets must not reach the machine's /run.
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/lock /run/cgroup
# A sysfs of this network namespace, with the machine's control groups bound back into it.
mount --rbind /sys/fs/cgroup /run/cgroup
mount -t sysfs sysfs /sys
mount --rbind /run/cgroup /sys/fs/cgroup
umount -R -l /run/cgroup

ip link set lo up
ip link add "$bridge" type bridge
ip address add "$address" dev "$bridge"
ip address add "$address6" dev "$bridge" nodad
ip link set "$bridge" up

echo ready
exec >/dev/null

# While the shell waits for the DNS it also reaps what other processes of the lab leave behind.
while :; do
  dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --group=root \
    --interface="$bridge" --except-interface=lo --bind-interfaces \
    --no-hosts --no-resolv --hostsdir="$names" --expand-hosts --domain="$domain" --local="/$domain/" \
    --local-ttl=1 --log-facility="$log" || true
  sleep 1
done
