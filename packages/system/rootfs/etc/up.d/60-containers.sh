#!/bin/sh
# Waits until each container has started or failed to. After the limit the boot goes on: it then starts later.
. /usr/lib/container-os/wait.sh

none_starting() {
  ! grep -qx starting /run/container-os/containers/*/status
}

wait_until 30 none_starting || true
