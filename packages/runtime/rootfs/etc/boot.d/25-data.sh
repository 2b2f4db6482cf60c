#!/bin/sh
# The data disk. No boot fails or waits long for it: what is wrong with it is told, and what comes later counts.
state=/run/container-os/data
mkdir -p "$state"
/usr/lib/container-os/data-disk &
twentieths=600
until [ -e "$state/status" ] || [ "$twentieths" -eq 0 ]; do
  usleep 50000
  twentieths=$((twentieths - 1))
done
[ -e "$state/status" ] || echo 'data disk: still being checked' >/dev/console
exit 0
