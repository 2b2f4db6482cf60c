#!/bin/sh
# Stops and starts leave nothing behind; self-test says how often. A container with a published port, if there is one.
. /usr/lib/container-os/property.sh
names=$(running | cut -d' ' -f1) rounds=${rounds:-5}
for name in $names; do
  if grep -q "^ports='[0-9]" "/run/container-os/containers/$name/bundle/service"; then break; fi
done
[ -n "$name" ] || exit 0
state=/run/container-os/containers/$name

# Killed at once, whatever its time of grace is.
round() {
  : >"$state/stopping"
  sv down "/run/service/$name"
  kill -KILL "$(cat "$state/pid")" 2>/dev/null # unless TERM was enough
  becomes "$name" status stopped || return
  rm -f "$state/stopping"
  sv up "/run/service/$name"
  becomes "$name" status running
}

# A health check that runs is a process and a mount more.
quiet() {
  sleep 2
  [ ! -e "$state/health" ] || becomes "$name" health healthy
}

# settled: what is there lasts, and is no health check that runs just now.
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
  round # the first one makes files that stay, such as the count of failures
  quiet
  wait_until 20 settled
  done=0
  while [ "$done" -lt "$rounds" ] && round; do done=$((done + 1)); done
  quiet
  # What is about to end, such as a program of a health check, has a while for it. One moment as before is enough: a leak lasts.
  wait_until 20 as_before
  same=$?
  printf '%s rounds; before: %s; after: %s' "$done" "$before" "$after"
  [ "$done" -eq "$rounds" ] && [ "$same" -eq 0 ]
}

property "$rounds stops and starts of $name leave nothing behind" rounds_leave_nothing
true # what does not hold has been reported
