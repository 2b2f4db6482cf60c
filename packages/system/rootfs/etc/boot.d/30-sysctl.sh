#!/bin/sh
# A machine below 1 GB need not keep more free than 1 MB, the least that the kernel's documentation calls safe.
[ "$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)" -ge 1000000 ] || sysctl -q -w vm.min_free_kbytes=1024
# -e: a key that this kernel does not have is no error.
exec sysctl -q -e -p /etc/sysctl.conf
