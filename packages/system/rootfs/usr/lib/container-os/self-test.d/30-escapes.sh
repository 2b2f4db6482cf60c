#!/bin/sh
# Escapes that root in a container may try: with the capabilities of Docker, and in a hardened container.
. /usr/lib/container-os/property.sh

inside() {
  oci-runtime exec --user 0:0 "$name" "$@"
}

# denied COMMAND…: root in the container may not do it.
denied() {
  refused 'not permitted\|ermission denied\|ead-only file system' inside "$@"
}

# BusyBox's date succeeds even when the kernel refused.
clock_stays() {
  says 'not permitted' inside date -s 2000-01-01 && [ "$(date +%Y)" -ne 2000 ]
}

# only PRESENT ABSENT COMMAND…: the output has a line PRESENT, which shows that COMMAND works, and no line ABSENT.
only() {
  present=$1 absent=$2
  shift 2
  output=$(inside "$@" 2>&1)
  printf '%s\n' "$output" | grep -qx "$present" || { echo "no $present: $output"; return 1; }
  ! printf '%s\n' "$output" | grep -x "$absent"
}

brought || exit 0
for name in self-test self-test-strict; do
  property "root can run a program in $name" inside true || continue
  property "root in $name cannot mount" denied mount -t tmpfs none /tmp
  property "root in $name cannot make namespaces" denied unshare -m true
  property "root in $name cannot make a user namespace" denied unshare -U true
  property "root in $name cannot make a device" denied mknod /dev/disk b 8 0
  property "root in $name finds no disk" only null '[svh]d[a-z].*\|sr[0-9].*\|loop.*\|nvme.*' ls /dev
  property "root in $name cannot set the clock" clock_stays
  property "root in $name cannot set the host name" denied hostname other
  property "root in $name cannot change a kernel parameter" denied sh -c 'echo 1 >/proc/sys/kernel/panic'
  property "root in $name cannot crash the kernel" denied sh -c 'echo c >/proc/sysrq-trigger'
  property "root in $name cannot read kernel messages" denied dmesg
  property "root in $name cannot read kernel memory" says '^0$' inside sh -c 'head -c 1 /proc/kcore | wc -c'
  property "root in $name cannot write to sysfs" denied sh -c 'echo 1 >/sys/kernel/profiling || echo 0 >/sys/class/net/lo/mtu'
  property "root in $name cannot change its cgroup" denied sh -c 'echo max >/sys/fs/cgroup/pids.max'
  property "root in $name cannot remount its root" denied mount -o remount,rw /
  property "root in $name sees no process of the OS" only cat 'udhcpc\|runsvdir' sh -c 'cat /proc/[0-9]*/comm'
  property "root in $name cannot end a process of the OS" refused 'No such process' inside kill -0 "$(cat "/run/service/$name/supervise/pid")"
done
true # what does not hold has been reported
