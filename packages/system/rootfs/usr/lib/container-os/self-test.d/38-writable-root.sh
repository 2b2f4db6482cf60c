#!/bin/sh
# Containers with a writable root in memory: writes do not change the image; they are gone after a restart, or when the container is deleted.
. /usr/lib/container-os/property.sh

inside() {
  oci-runtime exec --user 0:0 "$name" sh -c "$1"
}

# Looks at the bundle without the mounts on it.
image_unchanged() {
  mkdir -p /run/self-test
  mount -o bind "/containers/$name" /run/self-test || return
  ls /run/self-test/rootfs
  [ -e /run/self-test/rootfs/bin ] && [ ! -e /run/self-test/rootfs/written ]
  code=$?
  umount /run/self-test
  return "$code"
}

restarted() {
  /usr/lib/container-os/stop-container "$name"
  becomes "$name" status stopped || return
  rm -f "/run/container-os/containers/$name/stopping"
  sv up "/run/service/$name"
  becomes "$name" status running
}

# none_of FILE…: the container runs and has none of the files.
none_of() {
  inside "for file in $*; do ! ls \"\$file\" || exit; done"
}

# all_of FILE…: the container has all of the files.
all_of() {
  inside "ls $*"
}

mebibytes=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
with_programs sh dd ls rm | while read -r name _; do
  layer=$(sed -n 's/^layer=//p' "/run/container-os/containers/$name/bundle/service")
  # Where there is a data disk, the layer is on it.
  [ "$layer" != auto ] || read -r layer <"/run/container-os/containers/$name/writable-layer"
  case $layer in memory | memory:*) ;; *) continue ;; esac
  property "$name writes to its root" inside 'echo >/written'
  property "$name writes into a directory of its image" inside 'echo >/etc/written'
  [ ! -d "/containers/$name" ] || property "the image of $name stays as it is" image_unchanged # one that cosctl created has no image
  property "$name cannot fill the memory through its root" refused 'No space left' inside "dd if=/dev/zero of=/filler bs=1M count=$mebibytes"
  property "$name restarts" restarted
  if [ "$layer" = memory ]; then
    property "files that $name wrote are there after the restart" all_of /written /filler
    inside 'rm /written /filler'
  else
    property "files that $name wrote are gone after the restart" none_of /written /filler
  fi
done
true # what does not hold has been reported
