#!/bin/sh
# Logs are bounded in memory, whoever writes them and however much.
. /usr/lib/container-os/property.sh

name=$(running | tail -n 1 | cut -d' ' -f1)
[ -n "$name" ] || exit 0
log=/run/log/containers/$name

# bounded DIRECTORY FILES KIB: rotated, into no more files, and no larger in all, once it has the end of the flood.
bounded() {
  wait_until 30 grep -q "$last" "$1/current" || return
  files=$(find "$1" -type f -name '@*' | wc -l)
  size=$(du -k "$1" | cut -f1)
  printf '%s old files, %s KiB' "$files" "$size"
  [ "$files" -ge 1 ] && [ "$files" -le "$2" ] && [ "$size" -le "$3" ]
}

last='the flood is over'
flood() { # BYTES
  head -c "$1" /dev/zero | tr '\0' 'x' | fold -w 99
  printf '\n%s\n' "$last"
}

flood 1000000 >"/proc/$(cat "/run/container-os/containers/$name/pid")/fd/1"
property "the log of $name is rotated and bounded" bounded "$log" 4 600
property 'the log of the kernel is kept' grep -q 'Linux version' /run/log/kernel/current
# Else the kernel drops all but a few lines of a program's. It takes the word with a newline only, which sysctl does not write.
limit=/proc/sys/kernel/printk_devkmsg before=$(cat /proc/sys/kernel/printk_devkmsg)
echo on >"$limit"
flood 300000 | while read -r line; do echo "<6>$line"; done >/dev/kmsg # a line is a write: the kernel refuses longer ones
property 'the log of the kernel is rotated and bounded' bounded /run/log/kernel 2 400
echo "$before" >"$limit"
true # what does not hold has been reported
