#!/bin/sh
# The message of the day, on the console: what this is, what runs in it, what it took.
exec >/dev/console
. /etc/os-release
printf '\n%s\n\n  %s, %s, Linux %s\n\n' "$(cat /etc/motd)" "$(hostname)" "$PRETTY_NAME" "$(uname -r)"

for state in /run/container-os/containers/*; do
  [ -e "$state/status" ] || continue
  name=${state##*/} status=$(cat "$state/status")
  [ "$status" = running ] && word=head || word=tail # its greeting, or its last words
  printf '  %-16s %-10s %-16s %s\n' "$name" "$status" "$(cat "$state/address" 2>/dev/null)" "$($word -n 1 "/run/log/containers/$name.log")"
done

read -r uptime _ </proc/uptime
awk -v uptime="$uptime" '
  { kib[$1] = $2 }
  END { printf "\n  %d of %d MiB of memory in use, ready %s s after the kernel started\n\n", (kib["MemTotal:"] - kib["MemAvailable:"]) / 1024, kib["MemTotal:"] / 1024, uptime }
' /proc/meminfo
