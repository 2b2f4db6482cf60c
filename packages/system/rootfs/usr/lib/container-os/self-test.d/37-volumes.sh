#!/bin/sh
# Volumes: their containers can write to them, and can do nothing else with them.
. /usr/lib/container-os/property.sh
data=/var/lib/container-os

has() { # OPTION OPTIONS
  printf '%s' "$2"
  case ,$2, in *",$1,"*) true ;; *) false ;; esac
}

# As the container's own user, who owns a new volume.
inside() {
  oci-runtime exec "$name" sh -c "$1"
}

# Files have the same owner inside and on the disk, whatever ids the container has outside.
same_owner() { # DIRECTORY VOLUME
  owner=$(inside "stat -c %u $1") && on_disk=$(stat -c %u "$2") || return
  printf '%s %s' "$owner" "$on_disk"
  [ "$owner" = "$on_disk" ]
}

grep -q " $data ext4 " /proc/mounts || exit 0
options=$(awk -v data="$data" '$5 == data { print $6 }' /proc/self/mountinfo)
property 'the data disk allows no devices' has nodev "$options"
property 'the data disk ignores set-user-ID' has nosuid "$options"
property 'the state of the data disk is known' grep -qx 'ok\|full' /run/container-os/data/status

running | while read -r name pid; do
  awk '$4 ~ "^/(volumes|anonymous)/" { print $4, $5, $6 }' "/proc/$pid/mountinfo" | while read -r volume place options; do
    property "$name owns its files on $place" same_owner "$place" "$data$volume"
    property "$place of $name allows no devices" has nodev "$options"
    property "$place of $name ignores set-user-ID" has nosuid "$options"
    ! hardened "$name" || property "$place of $name runs no programs" has noexec "$options"
    has_program "$pid" sh || continue
    case $options in
      ro,*) property "$name cannot write to $place" refused 'ead-only file system' inside "echo >$place/.self-test" ;;
      *) property "$name writes to $place" inside "echo >$place/.self-test && { fsync $place/.self-test || sync $place/.self-test; } && rm $place/.self-test" ;;
    esac
    property "$name does not reach the disk under $place" refused 'No such file' oci-runtime exec --user 0:0 "$name" head -c 1 "$(cat /run/container-os/data/device)"
  done
done
true # what does not hold has been reported
