#!/bin/sh
# What somebody who is root in a container tries, in the first one that runs.
. /usr/lib/container-os/property.sh

read -r name _ <<EOF
$(running)
EOF
[ -n "$name" ] || exit 0

inside() {
  runc exec --user 0:0 "$name" "$@"
}

# BusyBox's date succeeds even when the kernel refused.
clock_stays() {
  inside date -s 2000-01-01 >/dev/null 2>&1
  year=$(date +%Y)
  printf '%s' "$year"
  [ "$year" -ne 2000 ]
}

property "root can run a program in $name" inside true
property 'root in a container cannot mount' refused inside mount -t tmpfs none /tmp
property 'root in a container cannot make namespaces' refused inside unshare -m true
property 'root in a container cannot make a device' refused inside mknod /tmp/disk b 8 0
property 'root in a container cannot set the clock' clock_stays
property 'root in a container cannot change a kernel parameter' refused inside sh -c 'echo 1 >/proc/sys/kernel/panic'
property 'root in a container cannot crash the kernel' refused inside sh -c 'echo c >/proc/sysrq-trigger'
property 'root in a container cannot read kernel messages' refused inside dmesg
property 'root in a container cannot read kernel memory' refused inside sh -c 'head -c 1 /proc/kcore | grep -q .'
property 'root in a container cannot change its cgroup' refused inside sh -c 'echo max >/sys/fs/cgroup/pids.max'
property 'root in a container cannot remount its root' refused inside mount -o remount,rw /
property 'root in a container sees no process of the OS' refused inside sh -c 'cat /proc/[0-9]*/comm | grep -x udhcpc'
true # what does not hold has been reported
