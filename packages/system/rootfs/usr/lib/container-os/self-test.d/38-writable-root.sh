#!/bin/sh
# Containers with a writable root: what they write stays apart from the image, and goes with them where it is in memory.
. /usr/lib/container-os/property.sh

inside() {
  oci-runtime exec --user 0:0 "$name" sh -c "$1"
}

# The bundle without what is mounted on it.
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

# none_of FILE…: the container runs, and has none of them.
none_of() {
  inside "for file in $*; do ! ls \"\$file\" || exit; done"
}

running | while read -r name _; do
  grep -q '^layer=memory' "/run/container-os/containers/$name/bundle/service" || continue
  property "$name writes to its root" inside 'echo >/written'
  property "the image of $name stays as it is" image_unchanged
  property "$name cannot fill the memory by way of its root" refused 'No space left' inside 'dd if=/dev/zero of=/filler bs=1M count=1024'
  property "$name is started again" restarted
  property "what $name wrote has gone with it" none_of /written /filler
done
true # what does not hold has been reported
