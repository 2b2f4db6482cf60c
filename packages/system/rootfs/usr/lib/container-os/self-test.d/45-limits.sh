#!/bin/sh
# A container that takes all it can get is held to its limits, its neighbour keeps answering, and the containers of the image go on.
. /usr/lib/container-os/property.sh

brought || exit 0
name=self-test-strict others=$(of_image)
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
  timeout -k 1 60 oci-runtime exec self-test true || return
  address=$(cat "/run/container-os/containers/self-test/address")
  [ -z "$address" ] || answers ping -q -c 1 -W 5 "$address" || return
  go_on "$others"
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

for _ in 1 2; do inside timeout 3 sh -c 'while :; do :; done' & done
property "neighbours of $name answer while it is busy without end" neighbours_answer
wait
property "CPU time of $name is limited" counted cpu.stat nr_throttled
true # what does not hold has been reported
