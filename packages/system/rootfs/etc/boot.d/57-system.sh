#!/bin/sh
# Services of the OS itself, /etc/sv/NAME. runsvdir runs each as os:NAME: names of containers have no colon, so that
# the two cannot clash. The output is in /run/log/NAME, bounded.
for definition in /etc/sv/*/; do
  name=${definition#/etc/sv/} name=${name%/}
  service=/run/service/.os:$name
  mkdir -p "$service/log" "/run/log/$name"
  printf 's100000\nn2\n' >"/run/log/$name/config" # bytes a file, files
  ln -s "/etc/sv/$name/run" "$service/run"
  ln -s /usr/lib/container-os/service/os-log "$service/log/run"
  mv "$service" "/run/service/os:$name" # complete when it is seen
done
