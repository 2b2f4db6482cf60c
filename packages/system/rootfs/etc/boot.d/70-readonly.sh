#!/bin/sh
# From here on the root file system is read-only, an initramfs too; what changes is in /run and /tmp.
exec mount -o remount,bind,ro /
