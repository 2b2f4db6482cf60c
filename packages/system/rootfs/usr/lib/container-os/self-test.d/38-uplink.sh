#!/bin/sh
# The uplink renews a lost lease.
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

property 'the uplink has an address' wait_until 30 leased || exit 0
property 'the uplink without a lease has no address' after USR2 unleased # gives the lease back
property 'the uplink gets its lease back' after USR1 leased # asks for one
true # what does not hold has been reported
