#!/bin/sh
# From here on nobody writes to the root file system, also where it is an initramfs; what changes is in /run and /tmp.
exec mount -o remount,bind,ro /
