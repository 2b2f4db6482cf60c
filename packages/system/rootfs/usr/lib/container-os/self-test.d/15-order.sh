#!/bin/sh
# self-test has just stopped all containers, to measure the memory without them: in order.
. /usr/lib/container-os/property.sh

# stopped_before NAME OTHER: by the last event of each.
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
    property "$name was stopped before ${need%:*}" stopped_before "$name" "${need%:*}"
  done
done
# A start that others wait for comes before them; what runs in the container does not.
normal_priority() { # NAME PID
  nice=$(cut -d ' ' -f 19 "/proc/$2/stat")
  printf '%s' "$nice"
  [ "$nice" -eq 0 ]
}
running | while read -r name pid; do
  property "$name runs at normal priority" normal_priority "$name" "$pid"
done
true # what does not hold has been reported
