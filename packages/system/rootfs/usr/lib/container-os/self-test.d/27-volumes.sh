#!/bin/sh
# The data disk, and the volumes of each container as the kernel shows them from outside.
. /usr/lib/container-os/property.sh
data=/var/lib/container-os

has() { # OPTION OPTIONS
  printf '%s' "$2"
  case ,$2, in *",$1,"*) true ;; *) false ;; esac
}

# Files have the same owner inside and on the disk, whatever ids the container has outside.
same_owner() { # PID DIRECTORY VOLUME
  read -r _ first _ <"/proc/$1/uid_map"
  seen=$(stat -c %u "/proc/$1/root$2") && on_disk=$(stat -c %u "$3") || return
  printf '%s from %s, %s' "$seen" "$first" "$on_disk"
  [ $((seen - first)) -eq "$on_disk" ]
}

grep -q " $data ext4 " /proc/mounts || exit 0
options=$(awk -v data="$data" '$5 == data { print $6 }' /proc/self/mountinfo)
property 'the data disk allows no devices' has nodev "$options"
property 'the data disk ignores set-user-ID' has nosuid "$options"
property 'the state of the data disk is known' grep -qx 'ok\|full' /run/container-os/data/status

running | while read -r name pid; do
  awk '$4 ~ "^/(volumes|anonymous)/" { print $4, $5, $6 }' "/proc/$pid/mountinfo" | while read -r volume place options; do
    property "$name owns its files on $place" same_owner "$pid" "$place" "$data$volume"
    property "$place of $name allows no devices" has nodev "$options"
    property "$place of $name ignores set-user-ID" has nosuid "$options"
    ! hardened "$name" || property "$place of $name runs no programs" has noexec "$options"
  done
done
true # what does not hold has been reported
