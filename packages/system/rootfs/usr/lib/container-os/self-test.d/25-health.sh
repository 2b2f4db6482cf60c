#!/bin/sh
# Containers with a health check are healthy, and those that depend on their health started after that.
. /usr/lib/container-os/property.sh
containers=/run/container-os/containers

not_newer() { # FILE OTHER: to the kernel's tick, because BusyBox's test -nt compares seconds
  one=$(stat -c %y "$1") && other=$(stat -c %y "$2") || return
  printf '%s, %s' "$one" "$other"
  [ "$(printf '%s\n' "$one" "$other" | sort | head -n 1)" = "$one" ]
}

# time_to_healthy: a container that is well is healthy so many seconds after its start, at most ten minutes.
time_to_healthy() {
  # shellcheck disable=SC2154 # from the file service
  awk -v period="$health_start_period_ms" -v interval="$health_interval" -v timeout="$health_timeout" 'BEGIN {
    seconds = 30 + period / 1000 + 2 * (interval + timeout)
    print int(seconds < 600 ? seconds : 600)
  }'
}

running | while read -r name _; do
  # shellcheck source=/dev/null
  depends='' health_interval='' && . "/run/container-os/containers/$name/bundle/service"
  [ -z "$health_interval" ] || property "$name is healthy" wait_until "$(time_to_healthy)" grep -qx healthy "$containers/$name/health"
  for need in $depends; do
    [ "${need#*:}" = service_healthy ] || continue
    property "$name started after ${need%%:*} was healthy" not_newer "$containers/${need%%:*}/health" "$containers/$name/started"
  done
done
true # what does not hold has been reported
