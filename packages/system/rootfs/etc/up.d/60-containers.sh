#!/bin/sh
# Waits until each container has started or failed. After the limit the boot goes on without the late ones.
. /usr/lib/container-os/wait.sh

none_starting() {
  ! grep -qx starting /run/container-os/containers/*/status
}

wait_until 30 none_starting || true
