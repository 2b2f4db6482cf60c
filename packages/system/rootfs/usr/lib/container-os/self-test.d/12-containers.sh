#!/bin/sh
# Each container of the image runs, or has done its work, and accepts connections at the TCP ports that it publishes.
. /usr/lib/container-os/property.sh
containers=/run/container-os/containers

# settled NAME: it runs, or has ended with exit code 0 and is not to be started again. One whose end others wait for has ended.
settled() {
  read -r status <"$containers/$1/status"
  case $status in
    running) ! grep -qs "^depends=.*[' ]$1:service_completed_successfully" "$containers"/*/bundle/service ;;
    exited) true ;;
    *) false ;;
  esac
}

# All begin at the same time: when one was waited for in vain, the others have had that time too.
is_settled() { # NAME
  if [ "$late" ]; then settled "$1"; else patiently settled "$1"; fi && code=0 || code=1
  cat "$containers/$1/status" "$containers/$1/reason" 2>/dev/null | tr '\n' ' '
  return "$code"
}

# Packets that nobody answers take the time that nc has, in each attempt.
accepts() { # ADDRESS PORT
  pause=2000 patiently nc -z -w 2 "$1" "$2"
}

late=''
for bundle in /containers/*/; do
  name=${bundle%/} name=${name##*/}
  [ -d "$containers/$name" ] || continue
  property "$name runs or has done its work" is_settled "$name" || { late=yes && continue; }
  [ "$(cat "$containers/$name/status")" = running ] || continue
  # Mappings as the CNI plugin takes them: {"hostPort":8080,"containerPort":80,"protocol":"tcp"}.
  sed -n "s/^port_mappings='\(.*\)'/\1/p" "$containers/$name/bundle/service" | tr '{' '\n' | grep '"protocol":"tcp"' | while read -r mapping; do
    port=$(echo "$mapping" | sed 's/.*"hostPort":\([0-9]*\).*/\1/') address=$(echo "$mapping" | sed -n 's/.*"hostIP":"\([0-9.]*\)".*/\1/p')
    case $address in '' | 0.0.0.0) address=127.0.0.1 ;; esac
    property "port $port of $name accepts connections" accepts "$address" "$port"
  done
done
true # what does not hold has been reported
