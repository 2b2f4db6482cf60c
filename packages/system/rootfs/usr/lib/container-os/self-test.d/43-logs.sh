#!/bin/sh
# Logs take bounded memory, however much a program writes.
. /usr/lib/container-os/property.sh

brought || exit 0
name=self-test
log=/run/log/containers/$name

# bounded DIRECTORY FILES KIB: once the log has the end of the flood, it is rotated into at most FILES files of at most KIB in all.
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
# Without this the kernel drops most lines of a program. It takes the word only with a newline, which sysctl does not write.
limit=/proc/sys/kernel/printk_devkmsg before=$(cat /proc/sys/kernel/printk_devkmsg)
echo on >"$limit"
flood 300000 | while read -r line; do echo "<6>$line"; done >/dev/kmsg # a line is a write: the kernel refuses longer ones
property 'the log of the kernel is rotated and bounded' bounded /run/log/kernel 2 400
echo "$before" >"$limit"
true # what does not hold has been reported
