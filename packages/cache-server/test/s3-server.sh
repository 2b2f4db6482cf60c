#!/bin/sh
# Ceph's S3 server (radosgw) on a cluster of one monitor and one disk in memory: real signatures, multipart and If-None-Match.
#
#   s3-server.sh install            fetches it from Debian sid and unpacks it in the cache directory (570 MB); nothing is installed
#   s3-server.sh run COMMAND...     runs COMMAND with a server on loopback; TEST_S3_ENDPOINT and AWS_… are in its environment
#
# radosgw's backend without a cluster (dbstore, 20.2) will not do: ranged reads of it give wrong bytes, and of several writers with
# If-None-Match more than one wins.
set -eu

. "$(dirname "$0")/../../../tools/private-apt.sh"
home=${CONTAINER_OS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/container-os}/s3-server
root=$home/root
libraries=$root/usr/lib/x86_64-linux-gnu
# Sid's programs with sid's C library, whatever the host has.
sid() { program=$1; shift; "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/ceph" "$root/usr/bin/$program" "$@"; }

install() {
  [ -e "$home/complete" ] && return
  rm -rf "$home"
  mkdir -p "$home"
  private_apt "$home/apt"
  fetch_packages radosgw ceph-mon ceph-osd
  unpack_fetched "$root"
  end_private_apt
  touch "$home/complete"
}

# Starts a program of the cluster; exec, so that its process id is this one's.
start() { name=$1; program=$2; shift 2; (exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/ceph" "$root/usr/bin/$program" -c "$state/ceph.conf" -f "$@" >"$state/$name.out" 2>&1) & pids="$! $pids"; }

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

configure() {
  cat >"$state/ceph.conf" <<END
[global]
fsid = 8f3a4c1e-3c55-4f0e-9a0d-1c2b3d4e5f60
mon host = [v2:127.0.0.1:$(free_port)/0]
mon initial members = a
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 1000
mon cluster log to file = false
ms bind msgr1 = false
public network = 127.0.0.0/8
run dir = $state
admin socket =
log file = $state/\$name.log
keyring = $state/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd class dir = $libraries/rados-classes
plugin dir = $libraries/ceph
erasure code dir = $libraries/ceph/erasure-code
[mon.a]
mon data = $state/mon
[osd.0]
osd data = $state/osd
osd objectstore = memstore
memstore device bytes = ${S3_SERVER_BYTES:-4294967296}
[client]
rgw frontends = beast endpoint=127.0.0.1:$port
END
  mkdir "$state/mon" "$state/osd"
  sid ceph-authtool --create-keyring "$state/keyring" --gen-key -n mon. --cap mon 'allow *'
  sid ceph-authtool "$state/keyring" --gen-key -n client.rgw --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  sid ceph-authtool "$state/keyring" --gen-key -n osd.0 --cap mon 'allow *' --cap osd 'allow *'
  sid monmaptool --create --fsid 8f3a4c1e-3c55-4f0e-9a0d-1c2b3d4e5f60 --addv a "$(sed -n 's/^mon host = //p' "$state/ceph.conf")" "$state/monmap"
  sid osdmaptool --createsimple 1 "$state/osdmap" --with-default-pool -c "$state/ceph.conf"
  sid ceph-mon -c "$state/ceph.conf" -i a --mkfs --monmap "$state/monmap" --osdmap "$state/osdmap" --keyring "$state/keyring"
}

run() {
  [ -e "$home/complete" ] || { echo "s3-server.sh: no server: run $0 install first" >&2; exit 69; }
  state=$(mktemp -d)
  port=$(free_port)
  pids=
  # Nothing of it is worth an orderly end, which takes a minute with gigabytes in memory.
  # shellcheck disable=SC2086
  trap 'kill -KILL $pids 2>/dev/null || :; wait; rm -rf "$state"' EXIT
  trap 'exit 143' TERM INT HUP
  configure >"$state/configure.out" 2>&1 || { cat "$state/configure.out" >&2; exit 1; }
  start mon ceph-mon -i a
  sleep 1
  sid ceph-osd -c "$state/ceph.conf" -i 0 --mkfs --osd-uuid 11111111-1111-4111-8111-111111111111 >"$state/mkfs.out" 2>&1 || { cat "$state/mkfs.out" >&2; exit 1; }
  start osd ceph-osd -i 0
  start rgw radosgw -n client.rgw
  tries=0
  until grep -q 'starting handler' "$state/client.rgw.log" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 90 ] || { tail -n 20 "$state"/*.out "$state"/*.log >&2; exit 1; }
    sleep 1
  done
  AWS_ACCESS_KEY_ID=test$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
  AWS_SECRET_ACCESS_KEY=$(od -An -N16 -tx8 /dev/urandom | tr -d ' ')
  sid radosgw-admin -c "$state/ceph.conf" -n client.rgw user create --uid=test --display-name=test \
    --access-key="$AWS_ACCESS_KEY_ID" --secret-key="$AWS_SECRET_ACCESS_KEY" >"$state/user" 2>&1 || { cat "$state/user" >&2; exit 1; }
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY TEST_S3_ENDPOINT="http://127.0.0.1:$port" TEST_S3_REQUIRED=1
  "$@"
}

case ${1:-} in
  install) install ;;
  run) shift; run "$@" ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
