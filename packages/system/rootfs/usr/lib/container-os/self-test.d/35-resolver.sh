#!/bin/sh
# The name server of the containers, after it was killed.
. /usr/lib/container-os/property.sh

brought && address=$(cat /run/container-os/containers/self-test-strict/address) && [ -n "$address" ] || exit 0
finds() {
  says "^Address: $address\$" nsenter --net=/run/netns/self-test nslookup -type=a self-test-strict 127.0.0.11
}

knows_again() {
  kill -KILL "$(pidof resolver)" && wait_until 30 finds
}

property 'a killed name server starts again, and knows the containers' knows_again
true # what does not hold has been reported
