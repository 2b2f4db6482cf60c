# shellcheck shell=sh
# Sourced: the one wait loop of the boot and the tests.

# wait_until SECONDS COMMAND…: runs COMMAND until it succeeds, with a pause of $pause milliseconds (100) after each failure. When the
# pauses add up to SECONDS, it names COMMAND and fails. It counts pauses, not the clock: on a slow machine COMMAND takes longer, and
# gets as many attempts.
wait_until() {
  # shellcheck disable=SC3043 # BusyBox and dash have local; COMMAND may wait for something itself
  local milliseconds=$(($1 * 1000))
  shift
  wait_milliseconds "$milliseconds" "$@"
}

wait_milliseconds() {
  # shellcheck disable=SC3043 # as above
  local milliseconds="$1" pause="${pause:-100}" attempts
  shift
  attempts=$((milliseconds / pause))
  until "$@" >/dev/null 2>&1; do
    if [ "$attempts" -eq 0 ]; then
      echo "timed out after $((milliseconds / 1000)) s: $*" >&2
      return 1
    fi
    attempts=$((attempts - 1))
    usleep "${pause}000"
  done
}

# read_clock: sets $now to the uptime in milliseconds.
read_clock() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}0 now=${now#0}
}
