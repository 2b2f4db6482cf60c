#!/bin/sh
# What somebody who is root in a container tries, in one container for each set of capabilities that there is.
. /usr/lib/container-os/property.sh

inside() {
  oci-runtime exec --user 0:0 "$name" "$@"
}

# BusyBox's date succeeds even when the kernel refused.
clock_stays() {
  inside date -s 2000-01-01 >/dev/null 2>&1
  year=$(date +%Y)
  printf '%s' "$year"
  [ "$year" -ne 2000 ]
}

tried=-
running | while read -r name pid; do
  capabilities=$(awk '$1 == "CapBnd:" { print $2 }' "/proc/$pid/status")
  case " $tried " in *" $capabilities "*) continue ;; esac
  tried="$tried $capabilities"
  property "root can run a program in $name" inside true || continue
  property "root in $name cannot mount" refused inside mount -t tmpfs none /tmp
  property "root in $name cannot make namespaces" refused inside unshare -m true
  property "root in $name cannot make a user namespace" refused inside unshare -U true
  property "root in $name cannot make a device" refused inside mknod /tmp/disk b 8 0
  property "root in $name finds no disk" refused inside sh -c 'ls /dev/[svh]d[a-z]* /dev/sr* /dev/loop*'
  property "root in $name cannot set the clock" clock_stays
  property "root in $name cannot set the host name" refused inside hostname other
  property "root in $name cannot change a kernel parameter" refused inside sh -c 'echo 1 >/proc/sys/kernel/panic'
  property "root in $name cannot crash the kernel" refused inside sh -c 'echo c >/proc/sysrq-trigger'
  property "root in $name cannot read kernel messages" refused inside dmesg
  property "root in $name cannot read kernel memory" refused inside sh -c 'head -c 1 /proc/kcore | grep -q .'
  property "root in $name cannot write to sysfs" refused inside sh -c 'echo 1 >/sys/kernel/profiling || echo 0 >/sys/class/net/lo/mtu'
  property "root in $name cannot change its cgroup" refused inside sh -c 'echo max >/sys/fs/cgroup/pids.max'
  property "root in $name cannot remount its root" refused inside mount -o remount,rw /
  property "root in $name sees no process of the OS" refused inside sh -c 'cat /proc/[0-9]*/comm | grep -x -e udhcpc -e runsvdir'
  property "root in $name cannot end a process of the OS" refused inside kill -0 "$(cat "/run/service/$name/supervise/pid")"
done
true # what does not hold has been reported
