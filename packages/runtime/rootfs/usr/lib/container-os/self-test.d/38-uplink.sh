#!/bin/sh
# A lease that is lost comes back.
. /usr/lib/container-os/property.sh

client=$(pidof udhcpc) || exit 0
address() {
  ip -4 -o address show dev eth0 | awk '{ print $4 }'
}
[ -n "$(address)" ] || exit 0

lost() {
  kill -USR2 "$client" # gives the lease back
  usleep 300000
  address
  [ -z "$(address)" ] && ! ip route | grep ^default
}

back() {
  kill -USR1 "$client" # asks for one
  tenths=100
  until [ -n "$(address)" ] && ip route | grep -q ^default || [ "$tenths" -eq 0 ]; do
    usleep 100000
    tenths=$((tenths - 1))
  done
  address | grep .
}

property 'the uplink without a lease has no address' lost
property 'the uplink gets its lease back' back
true # what does not hold has been reported
