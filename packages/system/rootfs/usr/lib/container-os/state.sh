# shellcheck shell=sh
# Sourced: the state of a container, and the events of all of them, for people.
. /usr/lib/container-os/report.sh

# event NAME EVENT [REASON]: one line of JSON, appended at once. There are at most two files of 64 kB; of two
# that move the full one at the same time, the second throws away old lines, no more.
event() {
  events=/run/container-os/events
  printf '{"time":"%s","name":"%s","event":"%s","reason":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" "$(escape "$3")" >>"$events"
  [ "$(wc -c <"$events")" -lt 65536 ] || mv "$events" "$events.old"
}

# set_status NAME STATUS [REASON]: that is an event too; where none can be written, the status still counts.
set_status() {
  event "$@" || true
  echo "$2" >"/run/container-os/containers/$1/status"
}
