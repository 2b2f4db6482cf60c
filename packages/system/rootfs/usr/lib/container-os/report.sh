# shellcheck shell=sh
# Sourced: the boot report, JSON lines to the host through a virtio-serial port. On a machine without the
# port nothing is written.

# virtio_port NAME: sets $port to the device of this port. Found by its name: there is no udev to link it.
virtio_port() {
  for port in /sys/class/virtio-ports/*; do
    { read -r port_name <"$port/name"; } 2>/dev/null || continue
    port=/dev/${port##*/}
    [ "$port_name" != "$1" ] || return 0
  done
  return 1
}

report_port() {
  virtio_port org.container-os.report
}

# report EVENT [KEY=TEXT | KEY:=JSON]…
report() {
  report_port || return 0
  read -r uptime _ </proc/uptime
  line="{\"event\":\"$1\",\"uptime\":$uptime"
  shift
  for pair; do
    case $pair in
      *:=*) line="$line,\"${pair%%:=*}\":${pair#*:=}" ;;
      *) line="$line,\"${pair%%=*}\":\"$(escape "${pair#*=}")\"" ;;
    esac
  done
  write_line 2>/dev/null && return
  # The kernel lets one process at a time open the port.
  . /usr/lib/container-os/wait.sh
  pause=20 wait_until 10 write_line
}

write_line() {
  printf '%s}\n' "$line" >"$port"
}

# TEXT as the inside of a JSON string; control characters become spaces.
escape() {
  case $1 in
    *[[:cntrl:]\"\\]*) printf '%s' "$1" | tr '[:cntrl:]' ' ' | sed 's/["\\]/\\&/g' ;;
    *) printf '%s' "$1" ;;
  esac
}
