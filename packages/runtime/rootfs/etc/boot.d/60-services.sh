#!/bin/sh
# A service directory for each container of the image, which runsvdir finds when init starts it.
mkdir -p /run/service
: >>/run/resolv.conf # mounted in each container; the uplink's lease fills it
for config in /containers/*/config.json; do
  [ -e "$config" ] || continue
  name=${config%/config.json} name=${name##*/}
  /usr/lib/container-os/add-service "$name" "${config%/config.json}"
done
# runsvdir waits for the end of the second in which the directory was last changed: let that be long ago.
touch -d @1 /run/service
exec /usr/lib/container-os/hosts
