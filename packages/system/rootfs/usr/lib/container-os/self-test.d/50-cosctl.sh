#!/bin/sh
# The commands of cosctl work, if the image has cosctl.
. /usr/lib/container-os/property.sh

brought || exit 0
name=self-test

exits_with() { # CODE COMMAND…
  expected=$1
  shift
  "$@"
  code=$?
  printf 'exit code %s' "$code"
  [ "$code" -eq "$expected" ]
}

# logged: cosctl prints the last line of the log.
logged() {
  last=$(tail -n 1 "/run/log/containers/$name/current" | cut -d' ' -f2-)
  printf '%s' "$last"
  [ -n "$last" ] && cosctl logs --tail 1 "$name" | grep -qF "$last"
}

# keeps COMMAND: when a shell at a terminal has run COMMAND, flags and modes of the terminal are what they were.
keeps() {
  cat >/tmp/at-terminal <<'EOF'
state() { grep -h ^flags "/proc/$$/fdinfo/0" "/proc/$$/fdinfo/1"; stty -g; }
before=$(state)
eval "$1"
after=$(state)
[ "$after" = "$before" ] && echo as before || echo "$before, then $after" | tr '\n' ' '
EOF
  says '^as before' script -qc "sh /tmp/at-terminal '$1'" /dev/null
}

starts_again() {
  cosctl start "$name" && becomes "$name" status running
}

property 'cosctl lists a container with its address and uptime' says "^$name  *running ([a-z]*)  *[0-9.-]*  *[0-9]*  *[0-9][0-9]* \(s\|min\) " cosctl list
property 'cosctl list prints JSON' says "\"name\": \"$name\"" cosctl list --json
property 'cosctl shows the version of the kernel' says "^kernel $(uname -r)" cosctl version
property 'cosctl inspects a container, which opted out of nothing' says '"optOuts": \[\]' cosctl inspect "$name"
# The first one of the file is the program's user.
uid=$(sed -n 's/.*"uid": \([0-9]*\).*/\1/p' "/run/container-os/containers/$name/bundle/config.json" | head -n 1)
property 'cosctl runs a program in a container, as its user' says "^uid=$uid" cosctl exec "$name" id
property 'cosctl exits as the program does' exits_with 7 cosctl exec "$name" sh -c 'exit 7'
property 'cosctl exits with 127 when there is no such program' exits_with 127 cosctl exec "$name" nothing
property 'cosctl exits with 126 when the file is no program' exits_with 126 cosctl exec "$name" /etc
property 'cosctl gives a program a terminal and a variable' says '^A is 1, on /dev/pts/' script -qc "cosctl exec -ite A=1 $name sh -c 'echo A is \$A, on \$(tty)'" /dev/null
property 'cosctl leaves the terminal of its shell as it was' keeps "cosctl exec $name true"
property 'the OCI runtime leaves the terminal as it was' keeps "oci-runtime exec --tty $name true"
property 'cosctl leaves the terminal as it was when it is killed' keeps "(sleep 2; kill -KILL \$(pidof cosctl)) & cosctl exec $name sleep 20"
property 'cosctl prints the log of a container' logged
property 'cosctl stops a container' exits_with 0 cosctl stop "$name"
property 'cosctl lists the container as stopped' says "^$name  *stopped" cosctl list
property 'cosctl starts it again' starts_again
property 'cosctl restarts it' back_after "$name" cosctl restart "$name"
property 'cosctl names a container that does not exist' says 'no such container: none (containers:' cosctl inspect none
true # what does not hold has been reported
