# shellcheck shell=sh
# Sourced: which disk nobody has ever used. What is not surely blank is never formatted.

# blank_disk: the device of the first blank disk.
blank_disk() {
  command -v mkfs.ext4 >/dev/null || return
  for disk in /sys/block/*; do
    device=/dev/${disk##*/}
    is_disk "$disk" && is_blank "$device" "$(cat "$disk/size")" && echo "$device" && return
  done
  return 1
}

# is_disk: of hardware, writable, without partitions, of 8 MiB or more.
is_disk() { # /sys/block/NAME
  [ -e "$1/device" ] && [ "$(cat "$1/ro")" = 0 ] && [ "$(cat "$1/size")" -ge 16384 ] && ! ls -d "$1/${1##*/}"* >/dev/null 2>&1
}

# is_blank: nothing known is on it, and there are only zeros where partition tables and file systems begin, and where copies are.
is_blank() { # DEVICE SECTORS
  [ -z "$(blkid "$1")" ] && [ "$(digest "$1" 0)" = "$(digest /dev/zero 0)" ] && [ "$(digest "$1" $(($2 / 2048 - 1)))" = "$(digest /dev/zero 0)" ]
}

digest() { # FILE OFFSET-IN-MIB: of 1 MiB
  dd if="$1" bs=1M count=1 skip="$2" 2>/dev/null | md5sum
}
