# shellcheck shell=sh
# Sourced by run, start-container and finish: how many containers start at a time. A turn is a directory, which one process at a time can
# rename: free in /run/container-os/turns, taken as turn.NUMBER in the state of a container.
# shellcheck disable=SC2154 # they set state

take_turn() {
  set -- "$state"/turn.*
  [ ! -e "$1" ] || return 0
  for turn in /run/container-os/turns/*; do
    [ -e "$turn" ] && mv "$turn" "$state/turn.${turn##*/}" 2>/dev/null && return
  done
  return 1
}

return_turn() {
  for turn in "$state"/turn.*; do
    [ ! -e "$turn" ] || mv "$turn" "/run/container-os/turns/${turn##*.}"
  done
}
