#!/bin/sh
# The confinement of each container, as the kernel shows it.
. /usr/lib/container-os/property.sh

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

killed_first() { # PID
  read -r score <"/proc/$1/oom_score_adj"
  printf '%s' "$score"
  [ "$score" -ge 0 ]
}

running | while read -r name pid; do
  property "system calls of $name are filtered" status_is "$pid" Seccomp 2
  property "root of $name is unprivileged outside" nobody_outside "$pid"
  property "the kernel ends $name before the OS for lack of memory" killed_first "$pid"
  ! hardened "$name" || property "$name cannot gain privileges" status_is "$pid" NoNewPrivs 1
  grep -q '^layer=.' "/run/container-os/containers/$name/bundle/service" || property "the root file system of $name is read-only" read_only_root "$pid"
  if hardened "$name" || says_key "$name" mem_limit; then property "memory of $name is limited" limited "$name" memory.max; fi
  if hardened "$name" || says_key "$name" pids_limit; then property "processes of $name are limited" limited "$name" pids.max; fi
done
true # what does not hold has been reported
