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

# At once, because a supervisor takes seconds to see a new container.
start self-test-job '"command": ["true"], "restart": "no"' &
start self-test-fails '"command": ["sh", "-c", "exit 3"], "restart": "no"' &
start self-test-unchecked '"command": ["sleep", "infinity"], "init": true' &
start self-test-slow '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "true"], "interval": "1h", "start_period": "1h", "start_interval": "200ms" }' &
start self-test-waits '"command": ["sleep", "infinity"], "restart": "no", "depends_on": { "self-test-fails": { "condition": "service_completed_successfully" } }' &
start self-test-hopes '"command": ["sleep", "infinity"], "restart": "no", "depends_on": { "self-test-unchecked": { "condition": "service_healthy" } }' &
start self-test-anyway '"command": ["sleep", "infinity"], "init": true, "depends_on": { "self-test-fails": { "condition": "service_completed_successfully", "required": false } }' &
# shellcheck disable=SC2016 # for the container's shell
start self-test-screen '"command": ["sh", "-c", "test -t 0 && test -t 1 && echo a terminal of type $TERM; exec sleep infinity"], "init": true, "tty": true' &
start self-test-ear '"command": ["sh", "-c", "echo listens; cat; echo at its end; exec sleep infinity"], "init": true, "stdin_open": true' &
# shellcheck disable=SC2016 # as above
start self-test-hooked '"command": ["sh", "-c", "trap \"cat /tmp/*; exit 0\" TERM; while true; do sleep 0.1; done"], "tmpfs": ["/tmp:mode=1777"], "user": "1000:1000", "environment": { "A": "1" }, "post_start": [{ "command": ["sh", "-c", "echo started with $A$B by $(id -u) in $PWD >/tmp/1"], "user": "0:0", "working_dir": "/tmp", "environment": { "B": "2" } }], "pre_stop": [{ "command": ["sh", "-c", "echo stops >/tmp/2"] }]' &
start self-test-badly '"command": ["sleep", "infinity"], "init": true, "restart": "no", "post_start": [{ "command": ["sh", "-c", "exit 5"] }]' &
start self-test-sick '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "false"], "interval": "1s", "retries": 2 }' &
start self-test-forks '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "sleep 1111 & echo ok"], "interval": "1s" }' &
start self-test-late '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "trap : TERM; sleep 2222; sleep 2222"], "interval": "1s", "timeout": "1s", "retries": 2 }' &
start self-test-eater '"command": ["sh", "-c", "tail /dev/zero; sleep infinity"], "stop_grace_period": "1s"' &
start self-test-twice '"command": ["false"], "restart": "on-failure:2"' &
start self-test-hog '"command": ["tail", "/dev/zero"], "restart": "no"' &
start self-test-absent '"command": ["/no/such/program"], "restart": "no"' &
start self-test-next '"command": ["sleep", "infinity"], "init": true, "depends_on": { "self-test-job": { "condition": "service_completed_successfully" } }' &
wait

property 'a job that has done its work has exited' becomes self-test-job status exited
property 'with its exit code' becomes self-test-job reason 'exited (0)'
property 'the container that waited for the job runs' becomes self-test-next status running
property 'a container that waits for a job that failed says so' becomes self-test-waits reason 'did not start: self-test-fails exited with code 3.*'
property 'as one that waits for the health of a container without a check' becomes self-test-hopes reason 'did not start: self-test-unchecked has no health check.*'
property 'a container that does not require the job runs' becomes self-test-anyway status running
property 'in the start period a check comes at its own pace' becomes self-test-slow health healthy
property 'a program with a terminal is at one' wait_until 30 grep -q 'a terminal of type xterm' /run/log/containers/self-test-screen/current
property 'an open standard input has no end' says 'listens$' tail -n 1 /run/log/containers/self-test-ear/current
property 'a container whose post_start fails does not start' becomes self-test-badly reason 'did not start: a command of post_start failed with exit code 5'
property 'a container with hooks runs' becomes self-test-hooked status running
cosctl stop self-test-hooked
property 'post_start has its own user, directory and variables' grep -q 'started with 12 by 0 in /tmp$' /run/log/containers/self-test-hooked/current
property 'pre_stop is executed before the program ends' grep -q 'stops$' /run/log/containers/self-test-hooked/current
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
property 'on-failure:2 restarts a failed container twice' becomes self-test-twice restarts 2
property 'and not a third time' becomes self-test-twice status failed

property 'a container that ignores TERM runs' starts self-test-stubborn '"command": ["sh", "-c", "trap : TERM; while true; do sleep 1; done"], "stop_grace_period": "1.5s"'
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
