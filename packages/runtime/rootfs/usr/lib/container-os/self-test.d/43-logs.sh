#!/bin/sh
# Logs are bounded in memory, whoever writes them and however much.
. /usr/lib/container-os/property.sh

name=$(running | tail -n 1 | cut -d' ' -f1)
[ -n "$name" ] || exit 0
log=/run/log/containers/$name

# bounded DIRECTORY FILES KIB: rotated, into no more files, none of them larger.
bounded() {
  files=$(find "$1" -type f -name '@*' | wc -l)
  size=$(du -k "$1" | cut -f1)
  printf '%s old files, %s KiB' "$files" "$size"
  [ "$files" -ge 1 ] && [ "$files" -le "$2" ] && [ "$size" -le "$3" ]
}

flood() { # PID: a million bytes more through its standard output
  head -c 1000000 /dev/zero | tr '\0' 'x' | fold -w 99 >"/proc/$1/fd/1"
}

flood "$(cat "/run/container-os/containers/$name/pid")"
sleep 1
property "the log of $name is rotated and bounded" bounded "$log" 4 600
property 'the log of the kernel is kept' grep -q 'Linux version' /run/log/kernel/current
for _ in 1 2 3 4 5; do head -c 60000 /dev/zero | tr '\0' 'y' | fold -w 99; done | sed 's/^/<6>/' >/dev/kmsg
property 'the log of the kernel is bounded' test "$(du -k /run/log/kernel | cut -f1)" -le 400
true # what does not hold has been reported
