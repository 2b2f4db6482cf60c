#!/bin/sh
# A machine below 1 GB keeps only 1 MB free, the least that the kernel's documentation calls safe.
[ "$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)" -ge 1000000 ] || sysctl -q -w vm.min_free_kbytes=1024
# -e ignores keys that this kernel lacks.
exec sysctl -q -e -p /etc/sysctl.conf
