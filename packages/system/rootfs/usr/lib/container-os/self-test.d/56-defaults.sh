#!/bin/sh
# What a container has whose definition says only what it runs: what Docker gives it, and what is stricter for every container. The rows of the
# table in the README of oci-bundle, looked at in a container that is made for it, if the image has cosctl.
. /usr/lib/container-os/property.sh

brought || exit 0
name=self-test-silent greedy=self-test-greedy
state=/run/container-os/containers/$name cgroup=/sys/fs/cgroup/containers/$name

inside() {
  oci-runtime exec "$name" sh -c "$1"
}

capabilities_are() { # HEXADECIMAL
  found=$(awk '/^Cap/ { printf "%s%s ", $1, $2 }' "/proc/$pid/status")
  printf '%s' "$found"
  [ "$found" = "CapInh:0000000000000000 CapPrm:$1 CapEff:$1 CapBnd:$1 CapAmb:0000000000000000 " ]
}

# From /etc/passwd of its root, as in Docker.
home() {
  awk -F : '$3 == 0 { print $6; found = 1; exit } END { if (!found) print "/" }' "/proc/$pid/root/etc/passwd" 2>/dev/null || echo /
}

# variables_are VARIABLE…: these and no others, in any order.
variables_are() {
  found=$(tr '\0' '\n' <"/proc/$pid/environ" | sort)
  echo "$found" | tr '\n' ' '
  [ "$found" = "$(printf '%s\n' "$@" | sort)" ]
}

limit_is() { # NAME SOFT HARD: as /proc/PID/limits writes them
  sed -n "s/^$1  *//p" "/proc/$pid/limits" | tr -s ' ' | grep "^$2 $3 "
}

# mount_options DIRECTORY: of the mount and of its file system; fails where nothing is mounted.
mount_options() {
  awk -v at="$1" '$5 == at { print $6 "," $NF; found = 1 } END { exit !found }' "/proc/$pid/mountinfo"
}

root_allows() { # OPTION…: none of these is set
  options=$(mount_options /) || return
  printf '%s' "$options"
  for option; do
    case ,$options, in *",$option,"*) return 1 ;; esac
  done
}

not_mounted() { # DIRECTORY
  mount_options / && ! mount_options "$1"
}

# A set-user-ID copy of tini, which the user 1000 runs, is root of the container.
gains_privileges() {
  inside 'cp /dev/tini /setuid && chmod 4755 /setuid' || return
  oci-runtime exec --user 1000:1000 "$name" /setuid -- sleep 20 >/dev/null 2>&1 &
  wait_until 10 pgrep -f '^/setuid' && effective=$(awk '$1 == "Uid:" { print $3 }' "/proc/$(pgrep -f '^/setuid' | head -n 1)/status")
  kill -KILL "$(pgrep -f '^/setuid' | head -n 1)"
  read -r _ outside _ <"/proc/$pid/uid_map"
  printf '%s, root is %s' "$effective" "$outside"
  [ "$effective" = "$outside" ]
}

# fills_a_quarter CONTAINER: writes to the root end at a quarter of the machine's memory at the latest.
fills_a_quarter() {
  total=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
  oci-runtime exec "$1" dd if=/dev/zero of=/filler bs=64k count=$((total / 64)) 2>&1 | tail -n 1
  written=$(oci-runtime exec "$1" sh -c 'stat -c %s /filler; rm /filler')
  printf '%s bytes of %s KiB' "$written" "$total"
  # The size of a tmpfs is a number of pages.
  [ $((written / 1024)) -le $((total / 4 + 4)) ] && [ $((written / 1024)) -ge $((total / 8)) ]
}

stays_ended() {
  oci-runtime kill "$name" KILL
  becomes "$name" status failed || return
  sleep 2 # a restart would have come
  cosctl list | grep "^$name  *failed"
}

# Its layer is in memory or on the data disk.
written() {
  find /run/container-os/layers /var/lib/container-os/layers -path "*/$name/upper/written" 2>/dev/null | grep .
}

gone() {
  written && cosctl delete --force "$name" && ! written
}

starts() {
  cosctl start "$name" && becomes "$name" status running
}

network=$(publishing) && joins=", \"networks\": [\"$network\"]" || joins=', "network_mode": "none"'
mkdir -p "/tmp/$name"
printf '{ "rootfs": ["%s"], "command": ["sleep", "infinity"], "init": true%s }' self-test "$joins" >"/tmp/$name/container.json"
cosctl create "$name" "/tmp/$name"
property 'a container without a profile runs' starts
pid=$(cat "$state/pid")
property 'it has the capabilities of Docker' capabilities_are 00000000a80425fb
property 'its programs may gain privileges' status_is "$pid" NoNewPrivs 0
property 'a set-user-ID program of its root does' gains_privileges
property 'its system calls are filtered all the same' status_is "$pid" Seccomp 2
property 'its root is unprivileged outside all the same' nobody_outside "$pid"
property 'its root file system may have set-user-ID programs, and can be written to' root_allows ro nosuid noexec
property 'it writes to its root' inside 'echo kept >/written'
property 'it writes into a directory of its image' inside 'echo >/etc/written'
property 'it may open as many files as in Docker' limit_is 'Max open files' 1024 524288
property 'its memory has no limit of its own' says '^max$' cat "$cgroup/memory.max"
property 'its processes have no limit of their own' says '^max$' cat "$cgroup/pids.max"
property 'it has 64 MiB of shared memory' says 'size=65536k' mount_options /dev/shm
property 'its /tmp is that of its root' not_mounted /tmp
property 'its /run is that of its root' not_mounted /run
property 'its /sys is read-only' says '^ro,' mount_options /sys
property 'it has the variables of Docker' variables_are "HOME=$(home)" "HOSTNAME=$name" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
property 'it has its name as host name' says "^$name$" inside hostname
property 'its /etc/hostname has its name' says "^$name$" inside 'cat /etc/hostname'
[ ! -s "$state/address" ] || property 'its /etc/hosts has its name and address' grep -qx "$(cat "$state/address") $name" "/proc/$pid/root/etc/hosts"
property 'it may listen on every port as any user' says '^0$' inside 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start'
property 'it stays ended when it has ended' stays_ended
property 'it starts when it is started' starts
property 'what it wrote is there after that' says '^kept$' inside 'cat /written'
property 'what it wrote is gone when it is deleted' gone

# It is not tried where the containers of the image would have to give way.
room=$(($(cat /sys/fs/cgroup/containers/memory.max) - $(cat /sys/fs/cgroup/containers/memory.current)))
if [ "$room" -ge $(($(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo) * 256 + 33554432)) ]; then
  bring self-test-filler '"x-writable-layer": "memory", "command": ["sleep", "infinity"], "init": true, "network_mode": "none"'
  property 'writes to a root in memory end at a quarter of it' fills_a_quarter self-test-filler
  drop self-test-filler
fi

# Nothing limits it but the group of all containers. It is to be the first that the kernel ends, however large those of the image are.
others=$(of_image)
bring "$greedy" '"command": ["sh", "-c", "sleep 2; exec tail /dev/zero"]'
echo 1000 >"/proc/$(cat "/run/container-os/containers/$greedy/pid")/oom_score_adj"
property 'a container that takes all memory is ended and named' patiently grep -qx 'killed: out of memory' "/run/container-os/containers/$greedy/reason" &&
  property 'the others go on' go_on "$others"
drop "$greedy"
rm -r "/tmp/$name"
true # what does not hold has been reported
