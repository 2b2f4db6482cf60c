#!/bin/sh
# Stops and starts leave nothing behind; self-test sets the number of rounds. The container has a health check and a published port.
. /usr/lib/container-os/property.sh
brought || exit 0
name=self-test rounds=${rounds:-5}
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

lists=$(mktemp -d)

look() { # before | now
  /usr/lib/container-os/leaks "$name" >"$lists/$1"
}

# A health check in flight is a few processes more: look when the container has had one, and take what two looks have in common.
settled() {
  [ ! -e "$state/health" ] || grep -qx healthy "$state/health" || return
  look before
  sleep 1
  [ -s "$lists/before" ] && nothing_more
}

# nothing_more: there is nothing now that was not there before, or not as often. Less than before is no leak.
nothing_more() {
  look now
  left=$(awk 'NR == FNR { before[$0]++; next } before[$0]-- <= 0' "$lists/before" "$lists/now")
  [ -s "$lists/now" ] && [ -z "$left" ]
}

rounds_leave_nothing() {
  round || return # the first round creates files that stay, such as the count of failures
  wait_until 20 settled || return
  done=0
  while [ "$done" -lt "$rounds" ] && round; do done=$((done + 1)); done
  # What is about to end, such as a health check, gets time for it. One moment without it is enough: a leak lasts.
  wait_until 20 nothing_more
  nothing=$?
  printf '%s rounds; left behind: %s' "$done" "$(echo "$left" | sort | uniq -c | tr -s ' \n' ' ')"
  [ "$done" -eq "$rounds" ] && [ "$nothing" -eq 0 ]
}

property "$rounds stops and starts of $name leave nothing behind" rounds_leave_nothing
rm -r "$lists"
true # what does not hold has been reported
