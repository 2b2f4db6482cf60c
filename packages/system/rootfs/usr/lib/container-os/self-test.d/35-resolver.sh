#!/bin/sh
# The name server of the containers, after it was killed.
. /usr/lib/container-os/property.sh

brought && address=$(cat /run/container-os/containers/self-test-strict/address) && [ -n "$address" ] || exit 0
# A name server that is gone does not answer: nslookup would wait for it ten times as long.
finds() {
  says "^Address: $address\$" timeout 2 nsenter --net=/run/netns/self-test nslookup -type=a self-test-strict 127.0.0.11
}

knows_again() {
  kill -KILL "$(pidof resolver)" && pause=1000 wait_until 30 finds
}

property 'a killed name server starts again, and knows the containers' knows_again
true # what does not hold has been reported
