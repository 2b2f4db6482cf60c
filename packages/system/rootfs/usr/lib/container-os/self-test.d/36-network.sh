#!/bin/sh
# What a container can and cannot reach, tested from a namespace that joins each network as a container does.
. /usr/lib/container-os/property.sh
lib=/usr/lib/container-os netns=/run/netns/probe state=/run/container-os/containers/probe
[ -e "$lib/firewall.nft" ] && command -v nft >/dev/null || exit 0

probe() { # COMMAND…: within the namespace
  timeout 10 nsenter --net="$netns" "$@"
}

# unanswered COMMAND…: COMMAND gets no answer. A refused connection would be an answer.
unanswered() {
  refused 'timed out\|100% packet loss' probe "$@"
}

only_lo() { # PID
  links=$(nsenter --net="/proc/$1/ns/net" ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/')
  echo "$links" | tr '\n' ' '
  [ "$links" = lo ]
}

serve() { # a service of the OS, on each of its addresses
  mkdir -p /tmp/os
  echo here >/tmp/os/index.html
  httpd -p 7777 -h /tmp/os
  answers wget -q -O - -T 2 http://127.0.0.1:7777/
}

# others NETWORK: prints name, network and address of each container and gateway on other networks.
others() {
  running | while read -r name _; do
    awk -v own="$1" -v name="$name" '$1 != own { print name, $1, $2 }' "/run/container-os/containers/$name/networks" 2>/dev/null
  done | grep -v " $(address_on "$(bridge_of "$1")") "
  for bridge in /sys/class/net/*/bridge; do
    bridge=${bridge%/bridge} bridge=${bridge##*/}
    [ "$bridge" = "$(bridge_of "$1")" ] || echo "gateway $bridge $(address_on "$bridge")"
  done
}

bridge_of() { # NETWORK
  awk -v network="$1" '$2 == network { print $1; exit }' "$lib/bridges"
}

address_on() { # INTERFACE
  ip -4 -o address show dev "$1" | awk '{ sub("/.*", "", $4); print $4; exit }'
}

may_ping() { # PID
  read -r first last <<EOF
$(nsenter --net="/proc/$1/ns/net" cat /proc/sys/net/ipv4/ping_group_range)
EOF
  printf '%s %s' "$first" "$last"
  [ "$first" -lt "$last" ]
}

property 'a service of the OS answers the OS' serve
mkdir -p /run/netns "$state"
for list in "$lib"/networks/*/; do
  list=${list%/} network=${list##*/??.}
  grep -q '"type":"bridge"' "$list"/00.*.json || continue
  : >"$netns"
  unshare --net="$netns" true
  export networks="$network" ports='' port_mappings=''
  property "a container joins $network" "$lib/cni" add probe "$netns"
  # In a container runc would bring lo up too; here only the plugin does.
  [ ! -x /opt/cni/bin/loopback ] || property "its own loopback answers in $network" answers probe ping -c 1 -W 2 127.0.0.1
  gateway=$(address_on "$(bridge_of "$network")")
  property "$network reaches its gateway" answers probe ping -c 1 -W 2 "$gateway"
  # A network without a way out gets a default route here, so that only the packet filter can stop it.
  probe ip route | grep -q ^default || probe ip route add default via "$gateway"
  # Each waits a second for an answer that must not come: all at once.
  property "$network does not reach a service of the OS" unanswered wget -q -O - -T 1 "http://$gateway:7777/" &
  for claim in /run/container-os/ports/*.tcp; do
    number=${claim##*/} number=${number%.tcp} owner=$(cat "$claim")
    [ -n "$owner" ] || continue
    ! sed 1q "/run/container-os/containers/$owner/networks" | grep -q "^$network " || continue
    property "$network does not reach published port $number of another network" unanswered wget -q -O - -T 1 "http://$gateway:$number/" &
  done
  others "$network" | {
    while read -r name other address; do
      property "$network does not reach $name on $other" unanswered ping -c 1 -W 1 "$address" &
    done
    wait
  }
  wait
  property "a container leaves $network" "$lib/cni" del probe "$netns"
  umount "$netns"
  rm "$netns"
done
rm -r "$state"

running | while read -r name pid; do
  [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/1/ns/net)" ] || continue
  property "any user of $name may ping" may_ping "$pid"
  network_owner=
  # shellcheck source=/dev/null
  . "/run/container-os/containers/$name/bundle/service"
  if [ -n "$network_owner" ]; then
    owner=$(cat "/run/container-os/containers/$network_owner/pid")
    property "$name has the interfaces of $network_owner" test "$(readlink "/proc/$pid/ns/net")" = "$(readlink "/proc/$owner/ns/net")"
  elif [ -z "$networks" ]; then
    property "$name has no interface but lo" only_lo "$pid"
  fi
done
brought && network=$(publishing) || exit 0
grep -ls "^$network " /run/container-os/containers/*/networks | cut -d/ -f5 | while read -r other; do
  property "self-test pings $other by name" answers timeout 20 oci-runtime exec self-test ping -c 1 -W 2 "$other" </dev/null
done
true # what does not hold has been reported
