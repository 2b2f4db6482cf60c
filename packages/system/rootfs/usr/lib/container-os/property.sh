# shellcheck shell=sh
# Sourced by the tests of self-test.d: one line of the boot report for each property.
. /usr/lib/container-os/report.sh
. /usr/lib/container-os/wait.sh

# property SENTENCE COMMAND…: the sentence holds when the command succeeds; its output tells what was found. Succeeds as it does.
property() {
  sentence=$1
  shift
  ok=true
  found=$("$@" 2>&1 </dev/null) || ok=false # a list that is read on the way is not the command's
  report property name="$sentence" ok:="$ok" found="$(printf '%s' "$found" | tail -n 1)"
  $ok
}

# refused PATTERN COMMAND…: COMMAND fails, and a line of its output says why. A command that fails for another reason, such as a
# container that does not run, is not refused.
refused() {
  pattern=$1
  shift
  output=$("$@" 2>&1)
  code=$?
  printf 'exit code %s: %s' "$code" "$(printf '%s' "$output" | tail -n 1)"
  [ "$code" -ne 0 ] && printf '%s\n' "$output" | grep -q "$pattern"
}

# running: names of the containers that run, with their pid, a line each.
running() {
  for state in /run/container-os/containers/*; do
    [ "$(cat "$state/status" 2>/dev/null)" = running ] && echo "${state##*/} $(cat "$state/pid")"
  done
}

# becomes CONTAINER FILE TEXT: a file of its state says so within 30 s.
becomes() {
  file=/run/container-os/containers/$1/$2
  wait_until 30 grep -qx "$3" "$file" && return
  cat "$file"
  return 1
}

# answers COMMAND…: it succeeds in one of four attempts, as each of them may take seconds.
answers() {
  pause=5000 wait_until 15 "$@"
}

# back_after CONTAINER COMMAND…: after COMMAND the container runs again, as another process, within 30 s.
back_after() {
  directory=/run/container-os/containers/$1 before=$(cat "/run/container-os/containers/$1/pid") || return
  shift
  "$@"
  wait_until 30 runs_anew && return
  cat "$directory/status"
  return 1
}

runs_anew() {
  pid=$(cat "$directory/pid")
  [ "$(cat "$directory/status")" = running ] && [ "$pid" != "$before" ] && kill -0 "$pid"
}

# says PATTERN COMMAND…: a line of its output is like that.
says() { # PATTERN COMMAND…
  pattern=$1
  shift
  output=$("$@" 2>&1)
  printf '%s' "$output" | grep "$pattern" && return
  printf '%s' "$output"
  return 1
}
