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

# The containers that the suite brings along, of the OS's BusyBox: what attacks, fills, kills and restarts does it in these, and only looks at those
# of the image. self-test is as Docker makes one, self-test-strict has the profile hardened and a limit of each kind. All names begin like that.

# brought: they are there; an image without cosctl has none.
brought() {
  [ -d "/run/container-os/containers/self-test" ]
}

# bring NAME KEYS: creates and starts another one, with these keys in its definition.
bring() {
  mkdir -p "/tmp/$1"
  printf '{ "rootfs": ["%s"], %s }' self-test "$2" >"/tmp/$1/container.json"
  cosctl create --start "$1" "/tmp/$1" && becomes "$1" status running
}

drop() { # NAME…
  for one; do
    cosctl delete --force "$one"
    rm -rf "/tmp/$one"
  done
}

# publishing: prints the first network whose containers can publish ports.
publishing() {
  for list in /usr/lib/container-os/networks/*/*.portMappings; do
    list=${list%/*}
    [ ! -d "$list" ] || { echo "${list##*/??.}"; return; }
  done
  return 1
}

# of_image: as running, of the containers of the image.
of_image() {
  running | while read -r name pid; do [ ! -d "/containers/$name" ] || echo "$name $pid"; done
}

# go_on LIST: what of_image listed runs as the same process, or has done its work.
go_on() {
  ! echo "$1" | while read -r name pid; do
    read -r status <"/run/container-os/containers/$name/status"
    read -r now <"/run/container-os/containers/$name/pid"
    [ -z "$name" ] || [ "$status" = exited ] || [ "$status $now" = "running $pid" ] || echo "$name is $status"
  done 2>/dev/null | grep .
}

# patiently COMMAND…: COMMAND succeeds within 3 minutes, in which the host hears that the suite waits.
patiently() {
  for _ in 1 2 3 4 5 6 7 8 9; do
    wait_until 20 "$@" && return
    report fact name=waiting value="$*"
  done
  return 1
}

# settings CONTAINER: its OCI configuration, a line for each value: linux.namespaces.0.type<TAB>pid. JSON.stringify wrote it, a value a line, indented by two.
settings() {
  awk '
    { depth = (match($0, /[^ ]/) - 1) / 2; line = substr($0, RSTART); sub(/,$/, "", line) }
    line ~ /^[]}]/ || depth == 0 { next }
    {
      if (match(line, /^"([^"\\]|\\.)*": /)) { key = substr(line, 2, RLENGTH - 4); line = substr(line, RLENGTH + 1) } else key = count[depth]++
      path[depth] = depth == 1 ? key : path[depth - 1] "." key
      count[depth + 1] = 0
      gsub(/^"|"$/, "", line)
      if (line != "{" && line != "[") print path[depth] "\t" line
    }' "/run/container-os/containers/$1/bundle/config.json"
}

# hardened CONTAINER: its definition has the profile hardened; else what it does not say is as in Docker.
hardened() {
  grep -q '"x-profile": "hardened"' "/run/container-os/containers/$1/bundle/definition.json"
}

# says_key CONTAINER KEY: its definition has the key.
says_key() {
  grep -q "\"$2\":" "/run/container-os/containers/$1/bundle/definition.json"
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
