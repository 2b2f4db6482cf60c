#!/bin/sh
# Stops and starts leave nothing behind; self-test sets the number of rounds. Uses a container with a published port, if
# there is one.
. /usr/lib/container-os/property.sh
names=$(running | cut -d' ' -f1) rounds=${rounds:-5}
for name in $names; do
  if grep -q "^ports='[0-9]" "/run/container-os/containers/$name/bundle/service"; then break; fi
done
[ -n "$name" ] || exit 0
state=/run/container-os/containers/$name

# Kills the container at once, whatever its grace period.
round() {
  : >"$state/stopping"
  sv down "/run/service/$name"
  kill -KILL "$(cat "$state/pid")" 2>/dev/null # unless TERM was enough
  becomes "$name" status stopped || return
  rm -f "$state/stopping"
  sv up "/run/service/$name"
  becomes "$name" status running
}

# A running health check is one process and one mount more: wait until there is none.
quiet() {
  sleep 2
  [ ! -e "$state/health" ] || becomes "$name" health healthy
}

# settled: the counts stay the same for a second, so that no health check runs just now.
settled() {
  before=$(/usr/lib/container-os/leaks)
  sleep 1
  [ "$(/usr/lib/container-os/leaks)" = "$before" ]
}

# as_before: fewer processes than before are no leak.
as_before() {
  after=$(/usr/lib/container-os/leaks)
  [ "${after%, *}" = "${before%, *}" ] && [ "${after##* }" -le "${before##* }" ]
}

rounds_leave_nothing() {
  round # the first round creates files that stay, such as the count of failures
  quiet
  wait_until 20 settled
  done=0
  while [ "$done" -lt "$rounds" ] && round; do done=$((done + 1)); done
  quiet
  # Processes that are about to end, such as a health check, get time for it. One equal moment is enough: a leak lasts.
  wait_until 20 as_before
  same=$?
  printf '%s rounds; before: %s; after: %s' "$done" "$before" "$after"
  [ "$done" -eq "$rounds" ] && [ "$same" -eq 0 ]
}

property "$rounds stops and starts of $name leave nothing behind" rounds_leave_nothing
true # what does not hold has been reported
