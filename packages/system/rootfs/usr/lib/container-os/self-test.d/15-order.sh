#!/bin/sh
# self-test has just stopped all containers, to measure the memory without them: was it in order?
. /usr/lib/container-os/property.sh

# stopped_before NAME OTHER: NAME's last stop precedes OTHER's in the event log.
stopped_before() {
  line() {
    grep -n "\"name\":\"$1\",\"event\":\"stopped\"" /run/container-os/events | tail -n 1 | cut -d: -f1
  }
  first=$(line "$1") second=$(line "$2")
  printf 'line %s and line %s' "$first" "$second"
  [ "${first:-0}" -gt 0 ] && [ "$first" -lt "${second:-0}" ]
}

running | while read -r name _; do
  # shellcheck source=/dev/null
  depends='' && . "/run/container-os/containers/$name/bundle/service"
  for need in $depends; do
    other=${need%%:*}
    # A job had completed before anything was stopped.
    grep -qx running "/run/container-os/containers/$other/status" || continue
    property "$name was stopped before $other" stopped_before "$name" "$other"
  done
done
# Containers that others wait for start at high priority, but do not keep it.
normal_priority() { # NAME PID
  nice=$(cut -d ' ' -f 19 "/proc/$2/stat")
  printf '%s' "$nice"
  [ "$nice" -eq 0 ]
}
running | while read -r name pid; do
  property "$name runs at normal priority" normal_priority "$name" "$pid"
done
true # what does not hold has been reported
