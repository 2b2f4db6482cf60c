#!/bin/sh
# Containers that cosctl creates at run time, if the image has cosctl: they are confined like those of the image,
# and leave nothing behind.
. /usr/lib/container-os/property.sh

brought || exit 0

# nothing_of NAME: no file with its name, no cgroup, no interface and no address that is not a container's.
nothing_of() {
  find /run /sys/fs/cgroup/containers -name "*$1*" ! -name 'events*' | grep . && return 1
  veths=$(find /sys/class/net -name 'veth*' | wc -l) addresses=$(find /run/container-os/cni -name '*.*.*.*' | wc -l) joined=$(cat /run/container-os/containers/*/networks | wc -l)
  printf '%s networks joined, %s interfaces, %s addresses' "$joined" "$veths" "$addresses"
  [ "$joined" -gt 0 ] && [ "$veths $addresses" = "$joined $joined" ]
}

# root_is_another CONTAINER OTHER: root has another id outside in each.
root_is_another() {
  one=$(outside "$1") && other=$(outside "$2") || return
  printf '%s %s' "$one" "$other"
  [ "$one" != "$other" ]
}

outside() { # CONTAINER
  awk '{ print $2; found = 1 } END { exit !found }' "/proc/$(cat "/run/container-os/containers/$1/pid")/uid_map"
}

copies() { # CONTAINER
  property 'cosctl creates a container from the definition of another, and starts it' cosctl create --start --from "$1" "$copy"
  property 'the new container has an address' says "^$copy  *running  *[1-9]" cosctl list
  property 'the new container has ids of its own' root_is_another "$copy" "$1"
  property 'the files of the new container belong to its root' says '^0$' cosctl exec "$copy" stat -c %u /bin/sh
  property 'cosctl shows the memory that the new container uses' says '"memoryBytes": [1-9]' cosctl stats --json "$copy"
  property 'cosctl shows that the new container was started' says "$copy  running" cosctl events "$copy"
  property 'cosctl refuses to delete a running container' refused "$copy is running" cosctl delete "$copy"
  property 'cosctl delete --force deletes a running container' cosctl delete --force "$copy"
  property 'the deleted container leaves nothing behind' nothing_of "$copy"
}

copy=self-test-copy greedy=self-test-greedy
[ ! -s "/run/container-os/containers/self-test-strict/address" ] || copies self-test-strict

definition=/tmp/$greedy
mkdir -p "$definition"
printf '{"rootfs":["%s"],"command":["tail","/dev/zero"],"mem_limit":"24m","restart":"no"}' self-test >"$definition/container.json"
property 'cosctl creates a container from a definition' cosctl create "$greedy" "$definition"
property 'a created container waits for its start' says "^$greedy  *created" cosctl list
cosctl start "$greedy"
becomes "$greedy" status failed >/dev/null
property 'a container over its memory limit is killed, and cosctl says why' says "^$greedy  *failed .*killed: out of memory" cosctl list
cosctl delete "$greedy"
property 'a failed container leaves nothing behind' nothing_of "$greedy"
printf '{"rootfs":["%s"],"command":["a"],"no_such_key":true}' self-test >"$definition/container.json"
property 'cosctl refuses an invalid definition' says '/no_such_key: expected one of the keys' cosctl create "$greedy" "$definition"
true # what does not hold has been reported
