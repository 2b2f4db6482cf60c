#!/bin/sh
# A published port, tested from a namespace that stands for another machine on the uplink.
. /usr/lib/container-os/property.sh
lib=/usr/lib/container-os
[ -e "$lib/firewall.nft" ] && command -v nft >/dev/null || exit 0

name=self-test pid=$(cat "/run/container-os/containers/self-test/pid")
published=$(sed -n 's/^ports=.\([0-9]*\).*/\1/p' "/run/container-os/containers/$name/bundle/service")
[ -n "$published" ] || exit 0
address=$(cat "/run/container-os/containers/$name/address")

from() { # PID COMMAND…
  netns=/proc/$1/ns/net
  shift
  timeout 10 nsenter --net="$netns" "$@"
}

get() { # PID URL
  from "$1" wget -q -O - -T 2 "$2"
}

apart() { # PID
  [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/1/ns/net)" ]
}

# machine NAME NET: another machine with the address NET.2, at a card NAME of the OS with NET.1. Its namespace is that of $!.
machine() {
  unshare --net sleep infinity &
  wait_until 30 apart "$!"
  ip link add "$1" type veth
  peer=$(ip link show dev "$1" | sed -n "s/.*$1@\([^:]*\):.*/\1/p") # BusyBox lets the kernel name it
  ip link set "$peer" netns "$!"
  ip address add "$2.1/24" dev "$1"
  ip link set "$1" up
  from "$!" sh -c "ip address add $2.2/24 dev $peer; ip link set $peer up; ip route add default via $2.1"
}

machine outside 192.0.2
outside=$!
property "port $published of the OS reaches $name" answers get "$outside" "http://192.0.2.1:$published/"
property "port $published answers the OS itself" answers get 1 "http://127.0.0.1:$published/"
property "port $published answers $name itself" answers get "$pid" "http://192.0.2.1:$published/"
property "port $published of another machine is not redirected" refused 'Connection refused' get "$pid" "http://192.0.2.2:$published/"
property "from outside only the published port reaches $name" refused 'timed out' get "$outside" "http://$address/"
property "from outside $name answers no ping" refused '100% packet loss' from "$outside" ping -c 1 -W 1 "$address"

machine beyond 198.51.100
beyond=$!
property 'another machine on a second card answers the OS' answers ping -c 1 -W 2 198.51.100.2
property 'nothing is forwarded between two cards' refused '100% packet loss' from "$outside" ping -c 1 -W 1 198.51.100.2
kill "$beyond"
ip link delete beyond

second=self-test-second
mkdir -p "/run/container-os/containers/$second"
second() {
  networks=$(publishing) ports=$published/tcp port_mappings='' "$lib/cni" add "$second" "/run/netns/$second"
}
property "no second container gets port $published" refused "already published by container $name" second
rmdir "/run/container-os/containers/$second"

# The kernel remembers where it led a client, for as long as the client goes on sending from its port.
send() {
  from "$outside" sh -c 'echo hello | nc -u -p 5555 -w 2 192.0.2.1 7007'
}
# turned_away: the kernel answers at once. The way to a container that has ended would be tried for 3 s.
turned_away() {
  from "$outside" sh -c 'echo hello | timeout 2 nc -u -p 5555 192.0.2.1 7007'
}
bring self-test-echo "\"networks\": [\"$(publishing)\"], \"ports\": [\"7007:7007/udp\"], \"command\": [\"udpsvd\", \"0\", \"7007\", \"cat\"], \"init\": true"
property 'a UDP port of the OS reaches its container' wait_until 10 says '^hello' send
cosctl restart self-test-echo
property 'the same client reaches the container after its restart, at another address' wait_until 10 says '^hello' send
cosctl stop self-test-echo
property 'the client is refused when the container has ended' turned_away
drop self-test-echo

kill "$outside"
ip link delete outside
true # what does not hold has been reported
