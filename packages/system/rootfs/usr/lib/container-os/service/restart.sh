# shellcheck shell=sh
# Sourced by finish: the restart policy, from the variables of the file service of its bundle.
# shellcheck disable=SC2154 # restart and retries are set there, state and lib by finish
longest=60000 # milliseconds

# shall_restart STATUS: counts the ends in a row, which a run of 10 s begins anew, and the restarts since somebody started the container.
shall_restart() {
  started=$(cat "$state/started" 2>/dev/null || echo 0)
  failures=$(cat "$state/failures" 2>/dev/null || echo 0)
  restarts=$(cat "$state/restarts" 2>/dev/null || echo 0)
  [ $(($(cut -d. -f1 /proc/uptime) - started)) -lt 10 ] || failures=0
  failures=$((failures + 1))
  echo "$failures" >"$state/failures"
  case $restart:$1 in
    always:exited | always:failed | on-failure:failed) [ "$retries" -eq 0 ] || [ "$restarts" -lt "$retries" ] || return 1 ;;
    *) return 1 ;;
  esac
  echo $((restarts + 1)) >"$state/restarts"
}

# set_delay: sets $delay to 100, 200, 400 … ms by the number of failures.
set_delay() {
  delay=100
  while [ "$failures" -gt 1 ] && [ "$delay" -lt "$longest" ]; do
    delay=$((delay * 2)) failures=$((failures - 1))
  done
  [ "$delay" -le "$longest" ] || delay=$longest
}

# back_off: waits so long, or until somebody stops the container.
back_off() {
  . "$lib/wait.sh"
  wait_milliseconds "$delay" test -e "$state/stopping" 2>/dev/null || true
}
