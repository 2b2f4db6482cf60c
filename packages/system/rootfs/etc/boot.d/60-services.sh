#!/bin/sh
# Creates a service directory for each container of the image; runsvdir finds them when init starts it.
mkdir -p /run/service
: >>/run/resolv.conf # the uplink's lease fills it
# So many containers start at a time that each does within its time limit. See service/turn.sh.
for turn in $(seq $((4 * $(nproc)))); do
  mkdir -p "/run/container-os/turns/$turn"
done
needed=
for config in /containers/*/config.json; do
  [ -e "$config" ] || continue
  name=${config%/config.json} name=${name##*/}
  /usr/lib/container-os/add-service "$name" "${config%/config.json}"
  # shellcheck source=/dev/null
  . "${config%/config.json}/service"
  # shellcheck disable=SC2154 # from the file service
  needed="$needed $depends"
done
# Where processors are short, these containers start before others; see service/run.
for need in $needed; do
  : >"/run/container-os/containers/${need%%:*}/needed"
done
# runsvdir waits until the second of the directory's last change is over: date that change back.
touch -d @1 /run/service
exec /usr/lib/container-os/hosts
