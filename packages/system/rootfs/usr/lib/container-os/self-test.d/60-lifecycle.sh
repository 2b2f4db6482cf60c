#!/bin/sh
# Containers created for this test: how each ends, and what the OS does then.
. /usr/lib/container-os/property.sh

brought || exit 0

# start NAME KEYS: creates and starts a container with these keys in its definition.
start() {
  mkdir -p "/tmp/$1"
  printf '{ "rootfs": ["%s"], "network_mode": "none", "mem_limit": "16m", "pids_limit": 16, %s }' self-test "$2" >"/tmp/$1/container.json"
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

start self-test-job '"command": ["true"], "restart": "no"'
start self-test-sick '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "false"], "interval": "1s", "retries": 2 }'
start self-test-forks '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "sleep 1111 & echo ok"], "interval": "1s" }'
start self-test-late '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "trap : TERM; sleep 2222; sleep 2222"], "interval": "1s", "timeout": "1s", "retries": 2 }'
start self-test-eater '"command": ["sh", "-c", "tail /dev/zero; sleep infinity"], "stop_grace_period": "1s"'
start self-test-twice '"command": ["false"], "restart": "on-failure:2"'
start self-test-hog '"command": ["tail", "/dev/zero"], "restart": "no"'
start self-test-absent '"command": ["/no/such/program"], "restart": "no"'
start self-test-next '"command": ["sleep", "infinity"], "init": true, "depends_on": { "self-test-job": { "condition": "service_completed_successfully" } }'

property 'a job that has done its work has exited' becomes self-test-job status exited
property 'the container that waited for the job runs' becomes self-test-next status running
property 'a container whose health check fails is unhealthy' becomes self-test-sick health unhealthy
property 'an unhealthy container goes on running' becomes self-test-sick status running
property 'a health check is over when its program ends, whatever its children hold open' becomes self-test-forks health healthy
property 'nothing of a health check outlives it' wait_until 10 no_more_than 0 'sleep 1111' self-test-forks
property 'a health check is over at its time limit, whatever it ignores' becomes self-test-late health unhealthy
property 'nothing of it outlives the time limit' wait_until 10 no_more_than 1 'sleep 2222' self-test-late # one check may run just now
property 'a process killed for lack of memory is an event' wait_until 30 says '  self-test-eater  oom-killed' cosctl events self-test-eater
property 'while its container goes on running' becomes self-test-eater status running
property 'a container that took all its memory was killed for it' becomes self-test-hog reason 'killed: out of memory'
property 'a container that cannot start says why' wait_until 30 grep -q '^did not start: .*/no/such/program' /run/container-os/containers/self-test-absent/reason
property 'on-failure:2 restarts a failed container twice' becomes self-test-twice failures 3
property 'and not a third time' becomes self-test-twice status failed

property 'a container that ignores TERM runs' starts self-test-stubborn '"command": ["sh", "-c", "trap : TERM; while true; do sleep 1; done"], "stop_grace_period": "2s"'
cosctl stop self-test-stubborn
property 'and is killed after its grace period' becomes self-test-stubborn status stopped
starts self-test-polite '"command": ["sh", "-c", "trap \"echo bye; exit 0\" TERM; while true; do sleep 1; done"]' >/dev/null && cosctl stop self-test-polite
property 'a container that handles TERM writes its last line' grep -q 'bye$' /run/log/containers/self-test-polite/current

nothing_left() {
  left=$(ls /run/container-os/containers /run/service /sys/fs/cgroup/containers) || return
  for one in $tried; do ! echo "$left" | grep -x "$one" || return; done
}

tried=$(find /tmp -maxdepth 1 -name 'self-test-*' ! -name self-test-strict | sed 's|.*/||')
# shellcheck disable=SC2086 # a list
drop $tried
property 'the deleted containers leave nothing behind' nothing_left
true # what does not hold has been reported
