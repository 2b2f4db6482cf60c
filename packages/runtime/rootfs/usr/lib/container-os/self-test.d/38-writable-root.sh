#!/bin/sh
# Containers with a writable root: what they write stays apart from the image, and goes with them where it is in memory.
. /usr/lib/container-os/property.sh

inside() {
  oci-runtime exec --user 0:0 "$name" sh -c "$1"
}

# The bundle without what is mounted on it.
image_unchanged() {
  mkdir -p /run/self-test
  mount -o bind "/containers/$name" /run/self-test
  test ! -e /run/self-test/rootfs/written
  found=$?
  umount /run/self-test
  return "$found"
}

restarted() {
  state=/run/container-os/containers/$name
  /usr/lib/container-os/stop-container "$name"
  tenths=200
  until [ "$(cat "$state/status")" = stopped ] || [ "$tenths" -eq 0 ]; do usleep 100000 && tenths=$((tenths - 1)); done
  rm -f "$state/stopping"
  sv up "/run/service/$name"
  until [ "$(cat "$state/status")" = running ] || [ "$tenths" -eq 0 ]; do usleep 100000 && tenths=$((tenths - 1)); done
}

running | while read -r name _; do
  grep -q '^layer=memory' "/run/container-os/containers/$name/bundle/service" || continue
  property "$name writes to its root" inside 'echo >/written'
  property "the image of $name stays as it is" image_unchanged
  property "$name cannot fill the memory by way of its root" refused inside 'dd if=/dev/zero of=/filler bs=1M count=1024'
  property "$name is started again" restarted
  property "what $name wrote has gone with it" refused inside 'ls /written /filler'
done
true # what does not hold has been reported
