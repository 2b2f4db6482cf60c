#!/bin/sh
# A container with a volume writes to it, and can do nothing else with it.
. /usr/lib/container-os/property.sh
name=self-test-volume

inside() {
  oci-runtime exec "$name" sh -c "$1"
}

brought && grep -q ' /var/lib/container-os ext4 ' /proc/mounts || exit 0
volumes='"volumes": ["self-test:/data", "self-test:/read:ro"]'
property 'a container with a volume runs' bring "$name" "\"x-profile\": \"hardened\", \"command\": [\"sleep\", \"infinity\"], \"init\": true, \"user\": \"1000:1000\", \"network_mode\": \"none\", $volumes"
volume=$(awk '$5 == "/data" { print $4 }' "/proc/$(cat "/run/container-os/containers/$name/pid")/mountinfo")
property 'it writes to its volume' inside 'echo "echo run" >/data/written && { fsync /data/written || sync /data/written; }'
property 'it runs no program there' refused 'ermission denied' inside 'chmod +x /data/written && /data/written'
property 'it reads what it wrote where the volume is read-only' says '^echo run$' inside 'cat /read/written'
property 'it cannot write there' refused 'ead-only file system' inside 'echo >/read/written'
property 'it does not reach the disk under its volume' refused 'No such file' oci-runtime exec --user 0:0 "$name" head -c 1 "$(cat /run/container-os/data/device)"
drop "$name"
[ -z "$volume" ] || rm -r "/var/lib/container-os$volume"
true # what does not hold has been reported
