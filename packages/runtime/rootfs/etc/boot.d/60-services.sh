#!/bin/sh
# A service directory for each container, which runsvdir finds when init starts it: see runsv(8).
lib=/usr/lib/container-os/service
mkdir -p /run/service
: >>/run/resolv.conf # mounted in each container; the uplink's lease fills it
for config in /containers/*/config.json; do
  [ -e "$config" ] || continue
  name=${config%/config.json} name=${name##*/}
  service=/run/service/.$name
  mkdir -p "$service/log" "$service/control" "/run/container-os/containers/$name" "/run/log/containers/$name"
  echo starting >"/run/container-os/containers/$name/status"
  printf 's100000\nn4\n' >"/run/log/containers/$name/config" # bytes a file, files
  ln -s "$lib/run" "$lib/finish" "$service"
  ln -s "$lib/log" "$service/log/run"
  ln -s "$lib/signal" "$service/control/t"
  ln -s "$lib/signal" "$service/control/k"
  mv "$service" "/run/service/$name" # complete when it is seen
done
exec /usr/lib/container-os/hosts
