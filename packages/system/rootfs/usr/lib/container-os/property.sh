# shellcheck shell=sh
# Sourced by the tests of self-test.d: one line of the boot report for each property.
. /usr/lib/container-os/report.sh
. /usr/lib/container-os/wait.sh

# property SENTENCE COMMAND…: reports that SENTENCE holds if COMMAND succeeds, with the last line of its output; returns as COMMAND does.
property() {
  sentence=$1
  shift
  ok=true
  found=$("$@" 2>&1 </dev/null) || ok=false # COMMAND must not read a list that the caller reads in a loop
  report property name="$sentence" ok:="$ok" found="$(printf '%s' "$found" | tail -n 1)"
  $ok
}

# refused PATTERN COMMAND…: COMMAND fails, and a line of its output matches PATTERN. A command that fails for another reason, such
# as a container that does not run, is not refused.
refused() {
  pattern=$1
  shift
  output=$("$@" 2>&1)
  code=$?
  printf 'exit code %s: %s' "$code" "$(printf '%s' "$output" | tail -n 1)"
  [ "$code" -ne 0 ] && printf '%s\n' "$output" | grep -q "$pattern"
}

# running: prints name and pid of each running container, one per line.
running() {
  for state in /run/container-os/containers/*; do
    [ "$(cat "$state/status" 2>/dev/null)" = running ] && echo "${state##*/} $(cat "$state/pid")"
  done
}

# with_programs PROGRAM…: as running, of the containers whose root has these programs. In an image without a shell nothing can be tried.
with_programs() {
  running | while read -r name pid; do
    for program; do
      has_program "$pid" "$program" || continue 2
    done
    echo "$name $pid"
  done
}

has_program() { # PID PROGRAM
  for directory in bin sbin usr/bin usr/sbin; do
    [ ! -e "/proc/$1/root/$directory/$2" ] && [ ! -L "/proc/$1/root/$directory/$2" ] || return 0
  done
  return 1
}

# busybox_container: the last container with BusyBox's programs, whose root those have that the suite makes.
busybox_container() {
  with_programs busybox sh udpsvd tail | tail -n 1 | cut -d' ' -f1
}

# hardened CONTAINER: its definition has the profile hardened; else what it does not say is as in Docker.
hardened() {
  grep -q '"x-profile": "hardened"' "/run/container-os/containers/$1/bundle/definition.json"
}

# says_key CONTAINER KEY: its definition has the key.
says_key() {
  grep -q "\"$2\":" "/run/container-os/containers/$1/bundle/definition.json"
}

# lasting: as running, of the containers that start again whenever they end.
lasting() {
  running | while read -r name pid; do
    ! grep -qx restart=always "/run/container-os/containers/$name/bundle/service" || echo "$name $pid"
  done
}

# status_is PID KEY VALUE: a line of /proc/PID/status
status_is() {
  value=$(awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status")
  printf '%s' "$value"
  [ "$value" = "$3" ]
}

# nobody_outside PID: the ids in its user namespace are nobody's outside.
nobody_outside() {
  read -r inside outside count <"/proc/$1/uid_map"
  printf '%s %s %s' "$inside" "$outside" "$count"
  [ "$inside" = 0 ] && [ "$outside" -ge 65536 ] && [ "$count" -le 65536 ]
}

# no_card: the uplink has found no network card, so that nobody need wait for a lease.
no_card() {
  set -- /run/container-os/uplink/cards/*
  [ -d /run/container-os/uplink/cards ] && [ ! -e "$1" ]
}

# becomes CONTAINER FILE TEXT: FILE of the container's state has the line TEXT within 30 s.
becomes() {
  file=/run/container-os/containers/$1/$2
  wait_until 30 grep -qx "$3" "$file" && return
  cat "$file"
  return 1
}

# answers COMMAND…: COMMAND succeeds in one of four attempts; each may take seconds.
answers() {
  pause=5000 wait_until 15 "$@"
}

# back_after CONTAINER COMMAND…: within 30 s of COMMAND the container runs again, as another process.
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

# says PATTERN COMMAND…: a line of the output matches PATTERN.
says() { # PATTERN COMMAND…
  pattern=$1
  shift
  output=$("$@" 2>&1)
  printf '%s' "$output" | grep "$pattern" && return
  printf '%s' "$output"
  return 1
}
