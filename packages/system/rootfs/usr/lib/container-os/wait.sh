# shellcheck shell=sh
# Sourced: the one wait loop of the boot and the tests.

# wait_until SECONDS COMMAND…: runs COMMAND until it succeeds, with a pause of $pause milliseconds (100) after each failure. When the
# pauses add up to SECONDS, it names COMMAND and fails. It counts pauses, not the clock: on a slow machine COMMAND takes longer, and
# gets as many attempts.
wait_until() {
  # shellcheck disable=SC3043 # BusyBox and dash have local; COMMAND may wait for something itself
  local seconds="$1" pause="${pause:-100}" attempts
  shift
  attempts=$((seconds * 1000 / pause))
  until "$@" >/dev/null 2>&1; do
    if [ "$attempts" -eq 0 ]; then
      echo "timed out after $seconds s: $*" >&2
      return 1
    fi
    attempts=$((attempts - 1))
    usleep "${pause}000"
  done
}
