#!/bin/sh
# Containers that cosctl makes at run time, where the image has it: as confined as those of the image, and
# nothing of them stays.
. /usr/lib/container-os/property.sh

command -v cosctl >/dev/null || exit 0
name=$(running | head -n 1 | cut -d' ' -f1)
[ -n "$name" ] || exit 0

# nothing_of NAME: no file with its name, no cgroup, no interface and no address that is not a container's.
nothing_of() {
  find /run /sys/fs/cgroup/containers -name "*$1*" ! -name 'events*' | grep . && return 1
  veths=$(find /sys/class/net -name 'veth*' | wc -l) addresses=$(find /run/container-os/cni -name '10.*' | wc -l) joined=$(cat /run/container-os/containers/*/networks | wc -l)
  printf '%s networks joined, %s interfaces, %s addresses' "$joined" "$veths" "$addresses"
  [ "$joined" -gt 0 ] && [ "$veths $addresses" = "$joined $joined" ]
}

# root_is_another CONTAINER OTHER: their ids outside differ.
root_is_another() {
  one=$(outside "$1") && other=$(outside "$2") || return
  printf '%s %s' "$one" "$other"
  [ "$one" != "$other" ]
}

outside() { # CONTAINER
  awk '{ print $2; found = 1 } END { exit !found }' "/proc/$(cat "/run/container-os/containers/$1/pid")/uid_map"
}

property 'cosctl makes a container as another one is defined, and starts it' cosctl create --start --from "$name" copied
property 'it is a container with an address' says '^copied  *running  *10\.' cosctl list
property 'root in it is somebody else than in the other one' root_is_another copied "$name"
property 'its files belong to its root' says '^0$' cosctl exec copied stat -c %u /bin/sh
property 'cosctl shows the memory that it uses' says '"memoryBytes": [1-9]' cosctl stats --json copied
property 'cosctl shows that it was started' says 'copied  running' cosctl events copied
property 'cosctl deletes none that runs' refused 'copied is running' cosctl delete copied
property 'cosctl deletes one that runs by force' cosctl delete --force copied
property 'nothing of it is left' nothing_of copied

definition=/tmp/definition
mkdir $definition
printf '{"rootfs":["%s"],"command":["tail","/dev/zero"],"mem_limit":"24m","restart":"no"}' "$name" >$definition/container.json
property 'cosctl makes a container of a definition' cosctl create greedy $definition
property 'it waits until it is started' says '^greedy  *created' cosctl list
cosctl start greedy
becomes greedy status failed >/dev/null
property 'one that takes more memory than it may is killed, and cosctl says why' says '^greedy  *failed .*killed: out of memory' cosctl list
cosctl delete greedy
property 'nothing of one that failed is left' nothing_of greedy
printf '{"rootfs":["%s"],"command":["a"],"privileged":true}' "$name" >$definition/container.json
property 'cosctl refuses a definition that the schema refuses' says '/privileged: expected one of the keys' cosctl create greedy $definition
true # what does not hold has been reported
