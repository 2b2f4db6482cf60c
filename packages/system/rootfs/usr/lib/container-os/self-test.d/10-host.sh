#!/bin/sh
# The OS itself: its root is read-only, and the kernel hides addresses and messages.
. /usr/lib/container-os/property.sh

sysctl_is() { # KEY VALUE
  value=$(sysctl -n "$1")
  printf '%s' "$value"
  [ "$value" = "$2" ]
}

no_modules() {
  [ -e /proc/filesystems ] && [ ! -e /proc/modules ]
}

# leaves FILE TOTAL LEAST: the limit of all containers together is at least LEAST below TOTAL.
leaves() {
  limit=$(cat "/sys/fs/cgroup/containers/$1") || return
  printf '%s of %s' "$limit" "$2"
  [ "$limit" != max ] && [ $(($2 - limit)) -ge "$3" ]
}

killed_last() { # PROGRAM
  read -r score <"/proc/$(pidof "$1" | cut -d' ' -f1)/oom_score_adj"
  printf '%s' "$score"
  [ "$score" -eq -999 ]
}

property 'all containers together leave the OS 24 MiB of memory' leaves memory.max "$(awk '$1 == "MemTotal:" { print $2 * 1024 }' /proc/meminfo)" 25165824
property 'all containers together leave the OS a quarter of the threads' leaves pids.max "$(cat /proc/sys/kernel/threads-max)" $(($(cat /proc/sys/kernel/threads-max) / 4))
property 'the kernel ends programs of the OS last for lack of memory' killed_last runsvdir
property 'the root file system of the OS is read-only' refused 'Read-only file system' touch /etc/written
property 'the kernel hides its addresses' sysctl_is kernel.kptr_restrict 2
property 'the kernel hides its messages' sysctl_is kernel.dmesg_restrict 1
property 'the kernel loads no modules' no_modules
true # what does not hold has been reported
