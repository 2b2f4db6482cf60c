#!/bin/sh
# Containers find each other by name on the networks that they share, in their files and by their name server.
. /usr/lib/container-os/property.sh
containers=/run/container-os/containers

# finds CONTAINER NAME ADDRESS: by its name server, which a program of the OS asks in its network namespace.
finds() {
  says "^Address: $3\$" nsenter --net="/run/netns/$1" nslookup -type=a "$2" 127.0.0.11
}

# pairs: prints name and pid of each container, and name and address of each that shares a network with it.
pairs() {
  running | while read -r name pid; do
    [ -s "$containers/$name/networks" ] || continue
    running | while read -r other _; do
      address=$(awk 'NR == FNR { own[$1] = 1; next } $1 in own { print $2; exit }' "$containers/$name/networks" "$containers/$other/networks" 2>/dev/null)
      [ -z "$address" ] || echo "$name $pid $other $address"
    done
  done
}

pairs | while read -r name pid other address; do
  property "$name knows $other by name" grep -qx "$address $other" "/proc/$pid/root/etc/hosts"
  property "$name finds $other by its name server" finds "$name" "$other" "$address"
done
pairs | cut -d' ' -f1,2 | uniq | while read -r name pid; do
  property "$name has a name server" grep -qx 'nameserver 127.0.0.11' "/proc/$pid/root/etc/resolv.conf"
done
no_card || property 'the OS has the name servers of the uplink' wait_until 30 grep -q ^nameserver /run/resolv.conf
true # what does not hold has been reported
