# shellcheck shell=sh
# Sourced: what a lease asks for. A lease is a stranger's text: each value is checked for its form before anything else sees it.
# shellcheck disable=SC2154,SC2034 # udhcpc sets the lease; the caller uses $plan
. /usr/lib/container-os/uplink/forms.sh
most_routes=64 most_servers=3 most_names=6 most_faults=8 # resolvers read no more servers and names
newline='
'

# plan: sets $plan from the lease in the environment: a line for each thing to set up, in order.
#   mtu N · address A/N · route NETWORK/N src A · route NETWORK/N via ROUTER · nameserver A · search NAME · fault TEXT
plan() {
  set -f # no value is a pattern
  plan=$newline faults=0 linked=
  if own_address; then
    own_mtu
    add "address $ip/$prefix"
    [ "$prefix" -eq 32 ] || own_network
    if [ -n "${staticroutes:-}" ]; then classless_routes; else default_route; fi
    name_servers
    search_names
  fi
  [ "$faults" -le "$most_faults" ] || add "fault $((faults - most_faults)) more values are refused"
  set +f
}

add() { # LINE
  plan=$plan$1$newline
}

fault() { # TEXT
  faults=$((faults + 1))
  [ "$faults" -gt "$most_faults" ] || add "fault $1"
}

# refuse WHAT VALUE: a fault that shows the value without what a terminal would obey.
refuse() {
  faults=$((faults + 1))
  [ "$faults" -gt "$most_faults" ] || add "fault $1 \"$(printf '%s' "$2" | tr -c 'A-Za-z0-9._/ -' '?' | cut -c 1-40)\" is refused"
}

own_address() {
  host "${ip:-}" || { refuse address "${ip:-}"; return 1; }
  own=$number
  prefix_of "${subnet:-255.255.255.255}" || { refuse mask "$subnet"; return 1; }
}

own_mtu() {
  case ${mtu:-} in
    '') ;;
    *[!0-9]* | ?????*) refuse MTU "$mtu" ;;
    *) if [ "$mtu" -ge 576 ] && [ "$mtu" -le 9216 ]; then add "mtu $mtu"; else refuse MTU "$mtu"; fi ;;
  esac
}

own_network() {
  base "$own" "$prefix"
  link "$network" "$prefix"
  own_dotted=$dotted
  ! overlaps "$network" "$prefix" 32 ||
    fault "network $own_dotted/$prefix overlaps $subnet_of_bridge of bridge $bridge: containers and machines there do not reach one another; change \"subnet\" in the image's network list $list, or the network of this card"
}

# RFC 3442: these routes replace the router. Those without a router come first, because the other routers may be in them.
classless_routes() {
  pairs=$staticroutes
  # shellcheck disable=SC2086 # pairs of network and router
  set -- $pairs
  [ $# -le $((2 * most_routes)) ] || fault "$(($# / 2)) routes: those after the first $most_routes are refused"
  for kind in link via; do
    # shellcheck disable=SC2086
    set -- $pairs
    left=$most_routes
    while [ $# -ge 2 ] && [ "$left" -gt 0 ]; do
      classless_route "$kind" "$1" "$2"
      shift 2
      left=$((left - 1))
    done
  done
}

classless_route() { # KIND NETWORK/PREFIX ROUTER
  case $3 in 0.0.0.0 | "$ip") [ "$1" = link ] || return 0 ;; *) [ "$1" = via ] || return 0 ;; esac
  network_of "$2" || { refuse route "$2 $3"; return 0; }
  to=$network
  ! overlaps "$to" "$length" "$length" || { dotted "$to"; fault "route $dotted/$length would take traffic of bridge $bridge: it is refused"; return 0; }
  if [ "$1" = link ]; then link "$to" "$length"; else via "$to" "$length" "$3"; fi
}

# The first router that can be one; a lease may have none.
default_route() {
  for candidate in ${router:-}; do
    ! via 0 0 "$candidate" || return 0
  done
}

# via NETWORK PREFIX ROUTER: a router outside of the card's networks gets a route of its own first.
via() {
  host "$3" || { refuse router "$3"; return 1; }
  router_number=$number
  if ! on_link "$router_number"; then
    ! overlaps "$router_number" 32 32 || { fault "router $3 is an address of bridge $bridge: it is refused"; return 1; }
    link "$router_number" 32
  fi
  dotted "$1"
  add_route "$dotted/$2" "via $3"
}

link() { # NETWORK PREFIX
  dotted "$1"
  add_route "$dotted/$2" "src $ip"
  linked="$linked $1/$2"
}

# Of two routes to one network the first counts.
add_route() { # NETWORK/PREFIX WORDS
  case $plan in *"${newline}route $1 "*) ;; *) add "route $1 $2" ;; esac
}

on_link() { # NUMBER
  for net in $linked; do
    base "$1" "${net#*/}"
    [ "$network" -ne "${net%/*}" ] || return 0
  done
  return 1
}

name_servers() {
  servers=0
  for server in ${dns:-}; do
    [ "$servers" -lt "$most_servers" ] || return 0
    if host "$server"; then
      add "nameserver $server"
      servers=$((servers + 1))
    else
      refuse 'name server' "$server"
    fi
  done
}

# Option 119, else 15, which some servers fill with several names.
search_names() {
  names=0
  for name in ${search:-${domain:-}}; do
    [ "$names" -lt "$most_names" ] || return 0
    name=${name%.}
    if is_name "$name"; then
      add "search $name"
      names=$((names + 1))
    else
      refuse 'search domain' "$name"
    fi
  done
}
