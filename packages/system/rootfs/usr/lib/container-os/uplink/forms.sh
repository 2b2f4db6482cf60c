# shellcheck shell=sh
# Sourced: the forms of addresses and names; results are in variables. No function starts a process: a lease may have hundreds of values.
# shellcheck disable=SC2034 # results
bridges=/usr/lib/container-os/bridges # made at build time: BRIDGE LIST MTU SUBNET…

# number_of ADDRESS: sets $number; fails if the text is no IPv4 address.
number_of() {
  case $1 in *[!0-9.]* | *.*.*.*.* | .* | *. | *..*) return 1 ;; *.*.*.*) ;; *) return 1 ;; esac
  separators=$IFS IFS=.
  # shellcheck disable=SC2086 # four numbers
  set -- $1
  IFS=$separators
  for octet; do
    case $octet in 0?* | ????*) return 1 ;; esac
    [ "$octet" -le 255 ] || return
  done
  number=$(($1 << 24 | $2 << 16 | $3 << 8 | $4))
}

# host ADDRESS: sets $number; fails if it cannot be the address of a machine.
host() {
  number_of "$1" && [ "$number" -ge $((1 << 24)) ] && [ "$number" -lt $((224 << 24)) ] && [ $((number >> 24)) -ne 127 ]
}

# prefix_of MASK: sets $prefix; a mask is ones, then zeros, and not all zeros.
prefix_of() {
  number_of "$1" && [ "$number" -ne 0 ] || return
  zeros=$((4294967295 - number)) prefix=32
  [ $((zeros & (zeros + 1))) -eq 0 ] || return
  while [ "$zeros" -gt 0 ]; do zeros=$((zeros >> 1)) prefix=$((prefix - 1)); done
}

# network_of NETWORK/PREFIX: sets $network, without bits of hosts, and $length.
network_of() {
  case $1 in */[0-9] | */[12][0-9] | */3[0-2]) ;; *) return 1 ;; esac
  number_of "${1%/*}" || return
  length=${1##*/}
  base "$number" "$length"
}

base() { # NUMBER PREFIX: sets $network
  network=$(($1 & (4294967296 - (1 << (32 - $2)))))
}

dotted() { # NUMBER: sets $dotted
  dotted=$(($1 >> 24)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))
}

# overlaps NUMBER PREFIX LEAST: whether a bridge's subnet with a prefix of at most LEAST has addresses of this network; sets $bridge,
# $list and $subnet_of_bridge.
overlaps() {
  shared=
  while read -r bridge list _ subnets; do
    for subnet_of_bridge in $subnets; do
      case $subnet_of_bridge in *:*) continue ;; esac
      number_of "${subnet_of_bridge%/*}" || continue
      shorter=${subnet_of_bridge#*/}
      [ "$shorter" -le "$3" ] || continue
      [ "$shorter" -le "$2" ] || shorter=$2
      base "$number" "$shorter"
      shared=$network
      base "$1" "$shorter"
      [ "$network" -ne "$shared" ] || return 0
    done
  done <"$bridges"
  return 1
}

# is_name TEXT: labels of RFC 1123. BusyBox writes "bad" in place of a name that it refuses itself.
is_name() {
  [ ${#1} -le 253 ] || return
  case $1 in '' | bad | *[!A-Za-z0-9.-]* | .* | *. | *..* | -* | *- | *-.* | *.-*) return 1 ;; esac
  labels=$1.
  while [ -n "$labels" ]; do
    label=${labels%%.*} labels=${labels#*.}
    [ ${#label} -le 63 ] || return
  done
}
