# shellcheck shell=sh
# Sourced by run: what a container waits for before it starts.
# shellcheck disable=SC2154 # run sets state

# wait_for NEED…: waits until each NEED is met: CONTAINER:CONDITION, with :optional if the container starts all the same, or data-disk:checked.
# Fails, and prints why, when a need cannot be met any more. A container that starts, or whose health is not known, is waited for without limit, as
# in Docker Compose; one that somebody has to start for a minute, and the data disk, whose check may be long, for ten.
wait_for() {
  for need; do
    waits=0 idle=0
    while look "${need%%:*}" "${need#*:}"; [ $? -eq 1 ]; do
      [ "$waits" -ne 25 ] || echo "waits for ${need%:optional}" >"$state/waiting"
      [ "$idle" -lt 60000 ] || break
      pause=$((waits < 250 ? 20 : 200)) waits=$((waits + 1))
      usleep "${pause}000"
    done
    rm -f "$state/waiting"
    [ "$why" ] || continue
    case $need in *:optional) continue ;; esac
    echo "$why"
    return 1
  done
}

# look CONTAINER CONDITION: 0: the condition is met; 1: not yet, with why not in $why; 2: it cannot be met. Adds to $idle while nothing is under way.
look() {
  other=/run/container-os/containers/$1 status='' health='' reason='' why=''
  case $2 in checked)
    [ ! -e /run/container-os/data/status ] || return 0
    why='the data disk is not checked' idle=$((idle + pause / 10))
    return 1
    ;;
  esac
  { read -r status <"$other/status"; } 2>/dev/null
  { read -r reason <"$other/reason"; } 2>/dev/null
  case ${2%:optional}:$status:$reason in
    service_started:running:* | service_started:exited:* | service_completed_successfully:exited:*) return 0 ;;
    service_healthy:running:*)
      { read -r health <"$other/health"; } 2>/dev/null
      case $health in
        healthy) return 0 ;;
        unhealthy) why="$1 is unhealthy" && return 2 ;;
      esac
      grep -q '^health_interval=' "$other/bundle/service" || { why="$1 has no health check, so that it is never healthy" && return 2; }
      ;;
    service_started:failed:'did not start'* | service_healthy:failed:* | service_completed_successfully:failed:*) why="$1 $reason" && return 2 ;;
    service_started:failed:*) return 0 ;; # it was started
    service_healthy:exited:*) why="$1 has exited" && return 2 ;;
    *:stopped:* | *:created:* | *::*) idle=$((idle + pause)) ;; # somebody has to start it
  esac
  why="$1 is ${status:-missing} (${2%:optional})"
  return 1
}
