#!/bin/sh
# Containers created for this test: how each ends, and what the OS does then.
. /usr/lib/container-os/property.sh

command -v cosctl >/dev/null || exit 0
base=$(busybox_container)
[ -n "$base" ] || exit 0

# start NAME KEYS: creates and starts a container with the root file system of another one and these keys in its definition.
start() {
  mkdir -p "/tmp/$1"
  printf '{ "rootfs": ["%s"], "network_mode": "none", "mem_limit": "16m", "pids_limit": 16, %s }' "$base" "$2" >"/tmp/$1/container.json"
  cosctl create "$1" "/tmp/$1" && sv up "/run/service/$1"
}

# no_more_than COUNT COMMAND CONTAINER: CONTAINER runs, with at most so many processes that have this command line.
no_more_than() {
  count=$(pgrep -f "^$2" | wc -l)
  printf '%s' "$count"
  grep -qx running "/run/container-os/containers/$3/status" && [ "$count" -le "$1" ]
}

starts() {
  start "$@" && becomes "$1" status running
}

start job '"command": ["true"], "restart": "no"'
start sick '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "false"], "interval": "1s", "retries": 2 }'
start forks '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "sleep 1111 & echo ok"], "interval": "1s" }'
start late '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "trap : TERM; sleep 2222; sleep 2222"], "interval": "1s", "timeout": "1s", "retries": 2 }'
start eater '"command": ["sh", "-c", "tail /dev/zero; sleep infinity"], "stop_grace_period": "1s"'
start twice '"command": ["false"], "restart": "on-failure:2"'
start hog '"command": ["tail", "/dev/zero"], "restart": "no"'
start absent '"command": ["/no/such/program"], "restart": "no"'
start next '"command": ["sleep", "infinity"], "init": true, "depends_on": { "job": { "condition": "service_completed_successfully" } }'

property 'a job that has done its work has exited' becomes job status exited
property 'the container that waited for the job runs' becomes next status running
property 'a container whose health check fails is unhealthy' becomes sick health unhealthy
property 'an unhealthy container goes on running' becomes sick status running
property 'a health check is over when its program ends, whatever its children hold open' becomes forks health healthy
property 'nothing of a health check outlives it' wait_until 10 no_more_than 0 'sleep 1111' forks
property 'a health check is over at its time limit, whatever it ignores' becomes late health unhealthy
property 'nothing of it outlives the time limit' wait_until 10 no_more_than 1 'sleep 2222' late # one check may run just now
property 'a process killed for lack of memory is an event' wait_until 30 says '  eater  oom-killed' cosctl events eater
property 'while its container goes on running' becomes eater status running
property 'a container that took all its memory was killed for it' becomes hog reason 'killed: out of memory'
property 'a container that cannot start says why' wait_until 30 grep -q '^did not start: .*/no/such/program' /run/container-os/containers/absent/reason
property 'on-failure:2 restarts a failed container twice' becomes twice failures 3
property 'and not a third time' becomes twice status failed

property 'a container that ignores TERM runs' starts stubborn '"command": ["sh", "-c", "trap : TERM; while true; do sleep 1; done"], "stop_grace_period": "2s"'
cosctl stop stubborn
property 'and is killed after its grace period' becomes stubborn status stopped
starts polite '"command": ["sh", "-c", "trap \"echo bye; exit 0\" TERM; while true; do sleep 1; done"]' >/dev/null && cosctl stop polite
property 'a container that handles TERM writes its last line' grep -q 'bye$' /run/log/containers/polite/current

nothing_left() {
  left=$(ls /run/container-os/containers /run/service /sys/fs/cgroup/containers) || return
  ! printf '%s\n' "$left" | grep -x -e job -e sick -e forks -e late -e eater -e twice -e hog -e absent -e next -e stubborn -e polite
}

for name in job sick forks late eater twice hog absent next stubborn polite; do
  cosctl delete --force "$name"
  rm -r "/tmp/$name"
done
property 'the deleted containers leave nothing behind' nothing_left
true # what does not hold has been reported
