#!/bin/sh
# Loads the packet filter before any network exists; nft(8) loads the file whole or not at all. The build makes
# the file from the image's network lists. Nothing is forwarded without it. Without nft (channel upstream) the boot goes on and says so.
set -e
rules=/usr/lib/container-os/firewall.nft
[ -e "$rules" ] || exit 0
if ! command -v nft; then
  echo 'no nft in this image: networks are not isolated and cannot reach the uplink' | tee /dev/console
  exit 0
fi
nft -f "$rules"
echo 1 >/proc/sys/net/ipv4/ip_forward
