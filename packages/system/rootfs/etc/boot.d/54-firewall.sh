#!/bin/sh
# The packet filter between networks, whole or not at all, before there is a network. Made at build time from
# the lists of the image; see nft(8). Without nft, as in channel upstream, the boot goes on and says so.
rules=/usr/lib/container-os/firewall.nft
[ -e "$rules" ] || exit 0
if ! command -v nft; then
  echo 'no nft in this image: networks are not isolated, and do not reach the uplink' | tee /dev/console
  exit 0
fi
exec nft -f "$rules"
