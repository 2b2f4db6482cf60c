#!/bin/sh
# A container that takes all it can get is held to its limits, and its neighbours keep answering. Tested on the first
# container that starts again, whose processes are limited and whose memory limit is below a third of the machine's, if possible one with a CPU limit too.
. /usr/lib/container-os/property.sh

total=$(awk '$1 == "MemTotal:" { print $2 * 1024 }' /proc/meminfo)
small() { # CONTAINER
  limit=$(cat "/sys/fs/cgroup/containers/$1/memory.max")
  [ "$limit" != max ] && [ "$limit" -lt $((total / 3)) ] && [ "$(cat "/sys/fs/cgroup/containers/$1/pids.max")" != max ]
}
throttled() { # CONTAINER: as its configuration says
  grep -q '"quota"' "/run/container-os/containers/$1/bundle/config.json"
}
candidates=$(lasting | while read -r one _; do small "$one" && echo "$one"; done)
name=$(for one in $candidates; do throttled "$one" && echo "$one"; done | head -n 1)
name=${name:-$(echo "$candidates" | head -n 1)}
others=$(running | cut -d' ' -f1 | grep -vx "$name")
[ -n "$name" ] && [ -n "$others" ] || exit 0
cgroup=/sys/fs/cgroup/containers/$name

inside() {
  timeout -k 1 30 oci-runtime exec "$name" "$@"
}

# counted FILE KEY: the kernel has counted this event since the container started.
counted() {
  count=$(awk -v key="$2" '$1 == key { print $2 }' "$cgroup/$1")
  printf '%s %s' "$2" "$count"
  [ "${count:-0}" -gt 0 ]
}

neighbours_answer() {
  for other in $others; do
    timeout -k 1 60 oci-runtime exec "$other" true || return 1
    [ ! -s "/run/container-os/containers/$other/address" ] || answers ping -q -c 1 -W 5 "$(cat "/run/container-os/containers/$other/address")" || return 1
  done
}

inside sh -c 'bomb() { bomb | bomb & }; bomb' >/dev/null 2>&1
wait_until 30 counted pids.events max # the bomb goes on after the program that started it has ended
property "a fork bomb in $name meets the limit" counted pids.events max
property 'its neighbours answer meanwhile' neighbours_answer
# Killing the first process ends all of them.
property "$name is back when the bomb was ended" back_after "$name" oci-runtime kill "$name" KILL

inside tail /dev/zero >/dev/null 2>&1
property "a program in $name that takes all memory is ended" counted memory.events oom_kill
property 'its neighbours answer after that' neighbours_answer

for _ in 1 2; do inside timeout 8 sh -c 'while :; do :; done' & done
property "neighbours of $name answer while it is busy without end" neighbours_answer
wait
! throttled "$name" || property "CPU time of $name is limited" counted cpu.stat nr_throttled
true # what does not hold has been reported
