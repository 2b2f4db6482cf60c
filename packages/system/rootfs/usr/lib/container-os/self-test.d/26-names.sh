#!/bin/sh
# Containers find each other by name on the networks that they share.
. /usr/lib/container-os/property.sh
containers=/run/container-os/containers

running | while read -r name pid; do
  [ -s "$containers/$name/networks" ] || continue
  running | while read -r other _; do
    address=$(awk 'NR == FNR { own[$1] = 1; next } $1 in own { print $2; exit }' "$containers/$name/networks" "$containers/$other/networks" 2>/dev/null)
    [ -z "$address" ] || property "$name knows $other by name" grep -qx "$address $other" "/proc/$pid/root/etc/hosts"
  done
  no_card || property "$name has the name servers of the uplink" wait_until 30 grep -q ^nameserver "/proc/$pid/root/etc/resolv.conf"
done
true # what does not hold has been reported
