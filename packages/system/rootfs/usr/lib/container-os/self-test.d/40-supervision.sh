#!/bin/sh
# Kills the last container that starts again, in every way: it must come back each time and leave nothing behind.
. /usr/lib/container-os/property.sh

name=$(lasting | tail -n 1 | cut -d' ' -f1)
[ -n "$name" ] || exit 0
state=/run/container-os/containers/$name service=/run/service/$name

kill_runsv() {
  for process in /proc/[0-9]*; do
    [ "$(tr '\0' ' ' <"$process/cmdline" 2>/dev/null)" = "runsv $name " ] && kill -KILL "${process##*/}"
  done
}

stopped() {
  /usr/lib/container-os/stop-container "$name"
  sleep 2 # a restart would have come
  cat "$state/status"
  [ "$(cat "$state/status")" = stopped ] && [ ! -e "/sys/fs/cgroup/containers/$name" ]
}

started() {
  rm -f "$state/stopping"
  sv up "$service"
}

number() { # DIRECTORY PATTERN [TEST…]
  directory=$1 pattern=$2
  shift 2
  find "$directory" -mindepth 1 -maxdepth 1 -name "$pattern" "$@" | wc -l
}

# one_each: there are as many interfaces and addresses as joined networks, and as many namespaces and cgroups as containers.
one_each() {
  count=$(running | wc -l) joined=$(cat /run/container-os/containers/*/networks | wc -l)
  found="$(number /sys/class/net 'veth*') $(find /run/container-os/cni -name '*.*.*.*' | wc -l) $(number /run/netns '*') $(number /sys/fs/cgroup/containers '*' -type d)"
  printf '%s containers, interfaces addresses namespaces cgroups: %s' "$count" "$found"
  [ "$found" = "$joined $joined $count $count" ]
}

# If the container does not come back, the later checks would only time out.
property "$name is back when its process was killed" back_after "$name" kill -KILL "$(cat "$state/pid")" &&
  property "$name is back when its parent was killed" back_after "$name" kill -KILL "$(cat "$service/supervise/pid")" &&
  property "$name is back when its supervisor was killed" back_after "$name" kill_runsv &&
  property "$name stays stopped when it was stopped" stopped &&
  property "$name runs when it was started again" back_after "$name" started &&
  property 'no container left anything behind' one_each
true # what does not hold has been reported
