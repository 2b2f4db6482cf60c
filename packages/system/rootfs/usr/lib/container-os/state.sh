# shellcheck shell=sh
# Sourced: the status of a container, and the event log of all containers.
. /usr/lib/container-os/report.sh

# event NAME EVENT [REASON]: appends one line of JSON in one write. The log has at most two files of 64 kB. If two
# processes rotate it at the same time, only old lines are lost.
event() {
  events=/run/container-os/events
  printf '{"time":"%s","name":"%s","event":"%s","reason":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$2" "$(escape "$3")" >>"$events"
  [ "$(wc -c <"$events")" -lt 65536 ] || mv "$events" "$events.old"
}

# set_status NAME STATUS [REASON]: logs an event too; the status is set even if the event cannot be written.
set_status() {
  event "$@" || true
  echo "$2" >"/run/container-os/containers/$1/status"
}
