#!/bin/sh
# The data disk, beside the rest of the boot: what is wrong with it is told, and only containers that use it wait for it.
mkdir -p /run/container-os/data
/usr/lib/container-os/data-disk &
