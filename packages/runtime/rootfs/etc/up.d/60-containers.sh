#!/bin/sh
# Waits until each container has started or failed to, but no longer than the limit: it then starts later.
tenths=300
while grep -qx starting /run/container-os/containers/*/status && [ "$tenths" -gt 0 ]; do
  usleep 100000
  tenths=$((tenths - 1))
done 2>/dev/null
