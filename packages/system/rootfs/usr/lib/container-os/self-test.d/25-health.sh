#!/bin/sh
# Containers with a health check are healthy, and those that depend on their health started after that.
. /usr/lib/container-os/property.sh

healthy() { # NAME
  patiently grep -qx healthy "/run/container-os/containers/$1/health" && return
  cat "/run/container-os/containers/$1/health.log"
  return 1
}

# healthy_first NEED NAME: in the log of events, NEED was healthy before NAME ran for the first time.
healthy_first() {
  first=$(line "$1" healthy) second=$(line "$2" running)
  printf 'line %s and line %s' "$first" "$second"
  [ "${first:-0}" -gt 0 ] && [ "$first" -lt "${second:-0}" ]
}

line() { # NAME EVENT
  grep -n "\"name\":\"$1\",\"event\":\"$2\"" /run/container-os/events | head -n 1 | cut -d: -f1
}

running | while read -r name _; do
  # shellcheck source=/dev/null
  depends='' health_interval='' && . "/run/container-os/containers/$name/bundle/service"
  [ -z "$health_interval" ] || property "$name is healthy" healthy "$name"
  for need in $depends; do
    [ "${need#*:}" = service_healthy ] || continue
    property "$name started after ${need%:*} was healthy" healthy_first "${need%:*}" "$name"
  done
done
true # what does not hold has been reported
