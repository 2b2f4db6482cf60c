#!/bin/sh
# From here on nobody writes to the root file system; what changes is in /run and /tmp.
exec mount -o remount,bind,ro /
