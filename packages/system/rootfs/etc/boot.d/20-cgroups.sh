#!/bin/sh
# cgroup v2. The OCI runtime makes a group for each container below /containers, whose limits leave the OS 24 MiB of the memory that is free
# now, and a quarter of the threads: so containers without limits of their own can take neither from it.
set -e
group=/sys/fs/cgroup/containers
mount -t cgroup2 -o nosuid,nodev,noexec,nsdelegate cgroup2 /sys/fs/cgroup
echo '+memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
mkdir "$group"
awk '$1 == "MemAvailable:" { left = $2 - 24576; print (left > $2 / 2 ? left : int($2 / 2)) "K" }' /proc/meminfo >"$group/memory.max"
# Not read: it takes a byte at a time, and of these files the first one is all that it gets.
threads=$(cat /proc/sys/kernel/threads-max) pids=$(cat /proc/sys/kernel/pid_max)
[ "$threads" -le "$pids" ] || threads=$pids
echo $((threads * 3 / 4)) >"$group/pids.max"

# What the OS runs is the last that the kernel kills for lack of memory; oci-runtime takes this back for a container. init hands it on.
for process in 1 "$PPID"; do
  echo -999 >"/proc/$process/oom_score_adj"
done
