#!/bin/sh
# The confinement of each container, as the kernel shows it.
. /usr/lib/container-os/property.sh

status_is() { # PID KEY VALUE: a line of /proc/PID/status
  value=$(awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status")
  printf '%s' "$value"
  [ "$value" = "$3" ]
}

nobody_outside() { # PID
  read -r inside outside count <"/proc/$1/uid_map"
  printf '%s %s %s' "$inside" "$outside" "$count"
  [ "$inside" = 0 ] && [ "$outside" -ge 65536 ] && [ "$count" -le 65536 ]
}

read_only_root() { # PID
  options=$(awk '$5 == "/" { print $6 }' "/proc/$1/mountinfo")
  printf '%s' "$options"
  case $options in ro | ro,*) true ;; *) false ;; esac
}

limited() { # CONTAINER FILE
  value=$(cat "/sys/fs/cgroup/containers/$1/$2") || return
  printf '%s' "$value"
  [ "$value" != max ]
}

running | while read -r name pid; do
  property "system calls of $name are filtered" status_is "$pid" Seccomp 2
  property "$name cannot gain privileges" status_is "$pid" NoNewPrivs 1
  property "root of $name is unprivileged outside" nobody_outside "$pid"
  grep -q '^layer=.' "/run/container-os/containers/$name/bundle/service" || property "the root file system of $name is read-only" read_only_root "$pid"
  property "memory of $name is limited" limited "$name" memory.max
  property "processes of $name are limited" limited "$name" pids.max
done
true # what does not hold has been reported
