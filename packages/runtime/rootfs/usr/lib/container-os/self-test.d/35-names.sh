#!/bin/sh
# Containers find each other by name.
. /usr/lib/container-os/property.sh

running | while read -r name pid; do
  running | while read -r other _; do
    address=$(cat "/run/container-os/containers/$other/address" 2>/dev/null) || continue
    property "$name knows $other by name" grep -qx "$address $other" "/proc/$pid/root/etc/hosts"
  done
  property "$name has the name servers of the uplink" grep -q ^nameserver "/proc/$pid/root/etc/resolv.conf"
done
true # what does not hold has been reported
