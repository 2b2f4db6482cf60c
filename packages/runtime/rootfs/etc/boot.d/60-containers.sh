#!/bin/sh
# Starts each bundle of /containers, one after the other: addresses are given out in the order of names.
# A container that cannot start is reported by its supervisor; the others start all the same.
for config in /containers/*/config.json; do
  [ -e "$config" ] || continue
  name=${config%/config.json} name=${name##*/}
  status=/run/container-os/containers/$name/status
  setsid /usr/lib/container-os/container "$name" &
  until [ -e "$status" ]; do usleep 10000; done
done
