#!/bin/sh
# A container whose writable root lasts as long as it runs: writes do not change what it was made of, and are gone after a restart.
. /usr/lib/container-os/property.sh

inside() {
  oci-runtime exec --user 0:0 "$name" sh -c "$1"
}

unchanged() {
  ls "/tmp/self-test/root"
  [ -e "/tmp/self-test/root/bin" ] && [ ! -e "/tmp/self-test/root/written" ] && [ ! -e "/tmp/self-test/root/etc/written" ]
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

mebibytes=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
brought || exit 0
name=self-test-strict
property "$name writes to its root" inside 'echo >/written'
property "$name writes into a directory of its root" inside 'echo >/etc/written'
property "the root that $name was made of stays as it is" unchanged
property "$name cannot fill the memory through its root" refused 'No space left' inside "dd if=/dev/zero of=/filler bs=1M count=$mebibytes"
property "$name restarts" restarted
property "files that $name wrote are gone after the restart" none_of /written /filler
true # what does not hold has been reported
