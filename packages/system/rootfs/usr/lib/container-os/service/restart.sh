# shellcheck shell=sh
# Sourced by finish: the restart policy, from the variables of the file service of its bundle.
# shellcheck disable=SC2154 # restart and retries are set there, state and lib by finish
longest=60 # seconds

# shall_restart STATUS: counts the failures in a row; a run of 10 s resets the count.
shall_restart() {
  started=$(cat "$state/started" 2>/dev/null || echo 0)
  failures=$(cat "$state/failures" 2>/dev/null || echo 0)
  [ $(($(cut -d. -f1 /proc/uptime) - started)) -lt 10 ] || failures=0
  failures=$((failures + 1))
  echo "$failures" >"$state/failures"
  case $restart:$1 in
    *:stopped) return 1 ;;
    always:*) return 0 ;;
    on-failure:failed) [ "$retries" -eq 0 ] || [ "$failures" -le "$retries" ] ;;
    *) return 1 ;;
  esac
}

# back_off: waits 1, 2, 4 … seconds by the number of failures, or until somebody stops the container.
back_off() {
  delay=1
  while [ "$failures" -gt 1 ] && [ "$delay" -lt "$longest" ]; do
    delay=$((delay * 2)) failures=$((failures - 1))
  done
  [ "$delay" -le "$longest" ] || delay=$longest
  echo "restarts in $delay s"
  . "$lib/wait.sh"
  wait_until "$delay" test -e "$state/stopping" 2>/dev/null || true
}
