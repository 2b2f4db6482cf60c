#!/bin/sh
# Prints the message of the day on the console: the OS, its containers, memory in use and boot time.
exec >/dev/console
. /etc/os-release
. /usr/lib/container-os/wait.sh
printf '\n%s\n\n  %s, %s, Linux %s\n\n' "$(cat /etc/motd)" "$(hostname)" "$PRETTY_NAME" "$(uname -r)"
for state in /run/container-os/containers/*; do
  [ -e "$state/status" ] || continue
  name=${state##*/} status=$(cat "$state/status") log=/run/log/containers/${state##*/}/current
  # A container that has just started gets a second for its first line.
  wait_until 1 test -s "$log" 2>/dev/null
  [ "$status" = running ] && words=$(sed -n '1s/^[^ ]* //p' "$log") || words=$(cat "$state/reason" "$state/waiting" 2>/dev/null)
  printf '  %-16s %-8s %-15s %s\n' "$name" "$status" "$(cat "$state/address" 2>/dev/null)" "$words"
done
echo
wait_until 3 /usr/lib/container-os/uplink/leased 2>/dev/null
/usr/lib/container-os/uplink/status
/usr/lib/container-os/data-status
status=$(cat /run/container-os/data/status 2>/dev/null || echo checking)
[ "$status" = none ] || printf '  %-16s %-8s %s\n' 'data disk' "$status" "$(cat /run/container-os/data/reason 2>/dev/null)"
read -r uptime _ </proc/uptime
awk -v uptime="$uptime" '
  { kib[$1] = $2 }
  END { printf "\n  %d of %d MiB of memory in use, ready %s s after the kernel started\n\n", (kib["MemTotal:"] - kib["MemAvailable:"]) / 1024, kib["MemTotal:"] / 1024, uptime }
' /proc/meminfo
