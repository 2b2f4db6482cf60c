#!/bin/sh
# Kills a container that starts again, in every way: it must come back each time and leave nothing behind.
. /usr/lib/container-os/property.sh

brought || exit 0
name=self-test-strict
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

# one_each: there are as many interfaces and addresses as joined networks, and no namespace or cgroup of a container that does not run.
one_each() {
  joined=$(cat /run/container-os/containers/*/networks | wc -l)
  found="$(find /sys/class/net -name 'veth*' | wc -l) $(find /run/container-os/cni -name '*.*.*.*' | wc -l)"
  left=$({ ls /run/netns; find /sys/fs/cgroup/containers -mindepth 1 -maxdepth 1 -type d | sed 's|.*/||'; } | grep -vxF "$(running | cut -d' ' -f1)")
  printf '%s networks joined, interfaces addresses: %s; left: %s' "$joined" "$found" "$left"
  [ "$found" = "$joined $joined" ] && [ -z "$left" ]
}

# If the container does not come back, the later checks would only time out.
property "$name is back when its process was killed" back_after "$name" kill -KILL "$(cat "$state/pid")" &&
  property "$name is back when its parent was killed" back_after "$name" kill -KILL "$(cat "$service/supervise/pid")" &&
  property "$name is back when its supervisor was killed" back_after "$name" kill_runsv &&
  property "$name stays stopped when it was stopped" stopped &&
  property "$name runs when it was started again" back_after "$name" started &&
  property 'no container left anything behind' wait_until 10 one_each
true # what does not hold has been reported
