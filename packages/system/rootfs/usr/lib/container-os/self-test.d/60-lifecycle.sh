#!/bin/sh
# Containers made for the purpose: how each ends, and what is done about it.
. /usr/lib/container-os/property.sh

command -v cosctl >/dev/null || exit 0
base=$(running | tail -n 1 | cut -d' ' -f1)
[ -n "$base" ] || exit 0

# start NAME KEYS: a container with the root file system of another one, and these keys in its definition.
start() {
  mkdir -p "/tmp/$1"
  printf '{ "rootfs": ["%s"], "network_mode": "none", "mem_limit": "16m", "pids_limit": 16, %s }' "$base" "$2" >"/tmp/$1/container.json"
  cosctl create "$1" "/tmp/$1" && sv up "/run/service/$1"
}

starts() {
  start "$@" && becomes "$1" status running
}

start job '"command": ["true"], "restart": "no"'
start sick '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "false"], "interval": "1s", "retries": 2 }'
start twice '"command": ["false"], "restart": "on-failure:2"'
start hog '"command": ["tail", "/dev/zero"], "restart": "no"'
start next '"command": ["sleep", "infinity"], "init": true, "depends_on": { "job": { "condition": "service_completed_successfully" } }'

property 'one that has done its work has exited' becomes job status exited
property 'one that waited for that runs' becomes next status running
property 'one whose health check fails is unhealthy' becomes sick health unhealthy
property 'one that is unhealthy goes on running' becomes sick status running
property 'one that took all memory was killed for that' becomes hog reason 'killed: out of memory'
property 'one that failed is started again as often as it says' becomes twice failures 3
property 'and no more' becomes twice status failed

property 'one that ignores TERM runs' starts stubborn '"command": ["sh", "-c", "trap : TERM; while true; do sleep 1; done"], "stop_grace_period": "2s"'
cosctl stop stubborn
property 'and is killed after its time of grace' becomes stubborn status stopped
starts polite '"command": ["sh", "-c", "trap \"echo bye; exit 0\" TERM; while true; do sleep 1; done"]' >/dev/null && cosctl stop polite
property 'one that handles TERM has its last word' grep -q 'bye$' /run/log/containers/polite/current

nothing_left() {
  left=$(ls /run/container-os/containers /run/service /sys/fs/cgroup/containers) || return
  ! printf '%s\n' "$left" | grep -x -e job -e sick -e twice -e hog -e next -e stubborn -e polite
}

for name in job sick twice hog next stubborn polite; do
  cosctl delete --force "$name"
  rm -r "/tmp/$name"
done
property 'nothing is left of them' nothing_left
true # what does not hold has been reported
