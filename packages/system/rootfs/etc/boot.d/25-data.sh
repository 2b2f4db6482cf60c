#!/bin/sh
# Prepares the data disk in the background. A fault is reported, and only containers that use the disk wait for it.
mkdir -p /run/container-os/data
/usr/lib/container-os/data-disk &
