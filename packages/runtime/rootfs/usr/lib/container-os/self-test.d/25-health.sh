#!/bin/sh
# Containers with a health check are healthy, and those that wait for them start after that.
. /usr/lib/container-os/property.sh
containers=/run/container-os/containers

healthy() { # CONTAINER
  wait_until 30 grep -qx healthy "$containers/$1/health"
  cat "$containers/$1/health"
  grep -qx healthy "$containers/$1/health"
}

not_newer() { # FILE OTHER: by the second
  [ "$(stat -c %Y "$1")" -le "$(stat -c %Y "$2")" ]
}

running | while read -r name _; do
  # shellcheck source=/dev/null
  depends='' health_interval='' && . "/run/container-os/containers/$name/bundle/service"
  [ -z "$health_interval" ] || property "$name is healthy" healthy "$name"
  for need in $depends; do
    [ "${need#*:}" = service_healthy ] || continue
    property "$name started after ${need%:*} was healthy" not_newer "$containers/${need%:*}/health" "$containers/$name/started"
  done
done
true # what does not hold has been reported
