#!/bin/sh
# The OS itself: its root is read-only, and the kernel hides addresses and messages.
. /usr/lib/container-os/property.sh

sysctl_is() { # KEY VALUE
  value=$(sysctl -n "$1")
  printf '%s' "$value"
  [ "$value" = "$2" ]
}

no_modules() {
  [ -e /proc/filesystems ] && [ ! -e /proc/modules ]
}

property 'the root file system of the OS is read-only' refused 'Read-only file system' touch /etc/written
property 'the kernel hides its addresses' sysctl_is kernel.kptr_restrict 2
property 'the kernel hides its messages' sysctl_is kernel.dmesg_restrict 1
property 'the kernel loads no modules' no_modules
true # what does not hold has been reported
