# shellcheck shell=sh
# Sourced: finds a disk that nobody has ever used. A disk that may hold something is never formatted.

# blank_disk: prints the device of the first blank disk.
blank_disk() {
  command -v mkfs.ext4 >/dev/null || return
  for disk in /sys/block/*; do
    device=/dev/${disk##*/}
    is_disk "$disk" && is_blank "$device" "$(cat "$disk/size")" && echo "$device" && return
  done
  return 1
}

# is_disk: hardware, writable, without partitions, at least 8 MiB.
is_disk() { # /sys/block/NAME
  [ -e "$1/device" ] && [ "$(cat "$1/ro")" = 0 ] && [ "$(cat "$1/size")" -ge 16384 ] && ! ls -d "$1/${1##*/}"* >/dev/null 2>&1
}

# is_blank: blkid recognises nothing, and the first and the last MiB (partition tables, file systems, their copies) are zeros.
is_blank() { # DEVICE SECTORS
  [ -z "$(blkid "$1")" ] && [ "$(digest "$1" 0)" = "$(digest /dev/zero 0)" ] && [ "$(digest "$1" $(($2 / 2048 - 1)))" = "$(digest /dev/zero 0)" ]
}

digest() { # FILE OFFSET-IN-MIB: checksum of 1 MiB
  dd if="$1" bs=1M count=1 skip="$2" 2>/dev/null | md5sum
}
