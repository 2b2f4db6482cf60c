#!/bin/sh
# The uplink keeps its lease through a renewal, gives it back, and asks again.
. /usr/lib/container-os/property.sh

[ -e /sys/class/net/eth0 ] || exit 0
address() {
  ip -4 -o address show dev eth0 | awk '{ print $4 }'
}

leased() {
  [ -n "$(address)" ] && ip route | grep -q ^default
}

unleased() {
  [ -z "$(address)" ] && ! ip route | grep ^default
}

# after SIGNAL STATE: udhcpc reaches STATE within 30 s of SIGNAL.
after() {
  kill "-$1" "$(pidof udhcpc)" && wait_until 30 "$2" && return
  address
  return 1
}

leases() {
  cat /run/log/uplink/* | grep -c 'lease of'
}

renewed() {
  [ "$(leases)" -gt "$before" ]
}

# QEMU's guestfwd 10.0.2.100:80 answers a request. /proc/net/tcp has the address in hexadecimal, and 01 for an open connection.
connected() {
  nsenter --net="/proc/$pid/ns/net" grep '6402000A:0050 01' /proc/net/tcp
}

renew() {
  before=$(leases)
  kill -USR1 "$(pidof udhcpc)" && wait_until 30 renewed
}

# A connection that was open before two renewals is used after them. udhcpc announces a renewal before it calls its script: when it announces
# the second, the script of the first has ended. With tcp_loose, the kernel would track a forgotten connection again when the container sends,
# and the test would pass; a peer that sends first would find the connection reset.
survives() {
  loose=/proc/sys/net/netfilter/nf_conntrack_tcp_loose
  usual=$(cat "$loose") && echo 0 >"$loose" || return
  {
    wait_until 30 connected && renew && renew && printf 'GET / HTTP/1.0\r\n\r\n'
  } | timeout 90 nsenter --net="/proc/$pid/ns/net" nc 10.0.2.100 80 | grep hello
  held=$?
  echo "$usual" >"$loose"
  return $held
}

container_mtu() { # MTU: of the uplink and, handed on, of the container
  ip link set eth0 mtu "$1" && /usr/lib/container-os/uplink/mtu && nsenter --net="/proc/$pid/ns/net" ip -o link show eth0 | grep "mtu $1 "
}

property 'the uplink has an address' wait_until 30 leased || exit 0
pid=$([ ! -s "/run/container-os/containers/self-test/address" ] || cat "/run/container-os/containers/self-test/pid")
[ -z "$pid" ] || ! command -v nft >/dev/null || property 'a renewal of the lease keeps the connections of containers' survives
[ -z "$pid" ] || {
  property 'containers have the MTU of the uplink' container_mtu 1400
  container_mtu 1500
}
property 'the uplink without a lease has no address' after USR2 unleased # gives the lease back
property 'the uplink gets its lease back' after USR1 leased # asks for one
true # what does not hold has been reported
