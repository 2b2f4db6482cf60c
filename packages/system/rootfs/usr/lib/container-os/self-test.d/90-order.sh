#!/bin/sh
# self-test has just stopped all containers: was it in order?
. /usr/lib/container-os/property.sh

# stopped_before NAME OTHER: NAME's last stop precedes OTHER's in the event log.
stopped_before() {
  first=$(line "$1") second=$(line "$2")
  printf 'line %s and line %s' "$first" "$second"
  [ "${first:-0}" -gt 0 ] && [ "$first" -lt "${second:-0}" ]
}

line() { # NAME
  cat /run/container-os/events.old /run/container-os/events 2>/dev/null | grep -n "\"name\":\"$1\",\"event\":\"stopped\"" | tail -n 1 | cut -d: -f1
}

for state in /run/container-os/containers/*; do
  [ "$(cat "$state/status")" = stopped ] || continue
  # shellcheck source=/dev/null
  depends='' name=${state##*/} && . "$state/bundle/service"
  for need in $depends; do
    [ "$(cat "/run/container-os/containers/${need%:*}/status")" != stopped ] || property "$name was stopped before ${need%:*}" stopped_before "$name" "${need%:*}"
  done
done
true # what does not hold has been reported
