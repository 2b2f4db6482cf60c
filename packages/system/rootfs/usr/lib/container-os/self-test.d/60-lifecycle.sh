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

lacks() { # PATTERN FILE
  ! grep "$1" "$2"
}

starts() {
  start "$@" && becomes "$1" status running
}

# At once, because a supervisor takes seconds to see a new container.
start job '"command": ["true"], "restart": "no"' &
start fails '"command": ["sh", "-c", "exit 3"], "restart": "no"' &
start unchecked '"command": ["sleep", "infinity"], "init": true' &
start slow '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "true"], "interval": "1h", "start_period": "1h", "start_interval": "200ms" }' &
start waits '"command": ["sleep", "infinity"], "restart": "no", "depends_on": { "fails": { "condition": "service_completed_successfully" } }' &
start hopes '"command": ["sleep", "infinity"], "restart": "no", "depends_on": { "unchecked": { "condition": "service_healthy" } }' &
start anyway '"command": ["sleep", "infinity"], "init": true, "depends_on": { "fails": { "condition": "service_completed_successfully", "required": false } }' &
# shellcheck disable=SC2016 # for the container's shell
start screen '"command": ["sh", "-c", "test -t 0 && test -t 1 && echo a terminal of type $TERM; exec sleep infinity"], "init": true, "tty": true' &
start ear '"command": ["sh", "-c", "cat; echo at its end; exec sleep infinity"], "init": true, "stdin_open": true' &
# shellcheck disable=SC2016 # as above
start hooked '"command": ["sh", "-c", "trap \"cat /tmp/*; exit 0\" TERM; while true; do sleep 0.1; done"], "tmpfs": ["/tmp:mode=1777"], "user": "1000:1000", "environment": { "A": "1" }, "post_start": [{ "command": ["sh", "-c", "echo started with $A$B by $(id -u) in $PWD >/tmp/1"], "user": "0:0", "working_dir": "/tmp", "environment": { "B": "2" } }], "pre_stop": [{ "command": ["sh", "-c", "echo stops >/tmp/2"] }]' &
start badly '"command": ["sleep", "infinity"], "init": true, "restart": "no", "post_start": [{ "command": ["sh", "-c", "exit 5"] }]' &
start sick '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD", "false"], "interval": "1s", "retries": 2 }' &
start forks '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "sleep 1111 & echo ok"], "interval": "1s" }' &
start late '"command": ["sleep", "infinity"], "init": true, "healthcheck": { "test": ["CMD-SHELL", "trap : TERM; sleep 2222; sleep 2222"], "interval": "1s", "timeout": "1s", "retries": 2 }' &
start eater '"command": ["sh", "-c", "tail /dev/zero; sleep infinity"], "stop_grace_period": "1s"' &
start twice '"command": ["false"], "restart": "on-failure:2"' &
start hog '"command": ["tail", "/dev/zero"], "restart": "no"' &
start absent '"command": ["/no/such/program"], "restart": "no"' &
start next '"command": ["sleep", "infinity"], "init": true, "depends_on": { "job": { "condition": "service_completed_successfully" } }' &
wait

property 'a job that has done its work has exited' becomes job status exited
property 'with its exit code' becomes job reason 'exited (0)'
property 'the container that waited for the job runs' becomes next status running
property 'a container that waits for a job that failed says so' becomes waits reason 'did not start: fails exited with code 3.*'
property 'as one that waits for the health of a container without a check' becomes hopes reason 'did not start: unchecked has no health check.*'
property 'a container that does not require the job runs' becomes anyway status running
property 'in the start period a check comes at its own pace' becomes slow health healthy
property 'a program with a terminal is at one' wait_until 30 grep -q 'a terminal of type xterm' /run/log/containers/screen/current
property 'an open standard input has no end' lacks 'at its end' /run/log/containers/ear/current
property 'a container whose post_start fails does not start' becomes badly reason 'did not start: a command of post_start failed with exit code 5'
property 'a container with hooks runs' becomes hooked status running
cosctl stop hooked
property 'post_start has its own user, directory and variables' grep -q 'started with 12 by 0 in /tmp$' /run/log/containers/hooked/current
property 'pre_stop is executed before the program ends' grep -q 'stops$' /run/log/containers/hooked/current
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
property 'on-failure:2 restarts a failed container twice' becomes twice restarts 2
property 'and not a third time' becomes twice status failed

property 'a container that ignores TERM runs' starts stubborn '"command": ["sh", "-c", "trap : TERM; while true; do sleep 1; done"], "stop_grace_period": "1.5s"'
cosctl stop stubborn
property 'and is killed after its grace period' becomes stubborn status stopped
starts polite '"command": ["sh", "-c", "trap \"echo bye; exit 0\" TERM; while true; do sleep 1; done"]' >/dev/null && cosctl stop polite
property 'a container that handles TERM writes its last line' grep -q 'bye$' /run/log/containers/polite/current

nothing_left() {
  left=$(ls /run/container-os/containers /run/service /sys/fs/cgroup/containers) || return
  ! printf '%s\n' "$left" | grep -x -e job -e fails -e unchecked -e slow -e waits -e hopes -e anyway -e screen -e ear -e hooked -e badly -e sick -e forks -e late -e eater -e twice -e hog -e absent -e next -e stubborn -e polite
}

for name in next anyway waits hopes job fails unchecked slow screen ear hooked badly sick forks late eater twice hog absent stubborn polite; do
  cosctl delete --force "$name"
  rm -r "/tmp/$name"
done
property 'the deleted containers leave nothing behind' nothing_left
true # what does not hold has been reported
