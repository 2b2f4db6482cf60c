# shellcheck shell=sh
# Sourced by self-test: waits until the containers of the boot have settled. Meanwhile the host hears what is waited for.
# shellcheck disable=SC2154 # self-test sets containers

# What waits for another container, such as for its health, has five minutes; what has ended soon after a start has one to run for 10 s.
settle() {
  repeatedly 15 none_starting
  repeatedly 3 none_ends && return
  for state in "$containers"/*; do
    ! ends "$state" || report container name="${state##*/}" status=failed exitCode:=1 reason="ends again and again: $(cat "$state/reason")"
  done
}

repeatedly() { # TIMES COMMAND: for 20 s each; COMMAND prints what is missing
  for _ in $(seq "$1"); do
    wait_until 20 "$2" 2>/dev/null && return
    fact waiting value="$("$2" | tr '\n' ';')"
  done
  return 1
}

none_starting() {
  ! for state in "$containers"/*; do
    ! grep -qsx starting "$state/status" || echo "${state##*/} is starting: $(cat "$state/waiting" 2>/dev/null)"
  done | grep .
}

none_ends() {
  ! for state in "$containers"/*; do
    ! ends "$state" || echo "${state##*/}: $(cat "$state/reason")"
  done | grep .
}

# ends STATE: the container has ended by a failure, and since then it has not run for 10 s. One that did not start, such as for lack of a disk, is known.
ends() {
  status='' reason='' started=0
  { read -r status <"$1/status" && read -r reason <"$1/reason" && read -r started <"$1/started"; } 2>/dev/null
  case $status:$reason in
    *:'did not start'* | *:'exited (0)' | *:) return 1 ;;
    restarting:*) return 0 ;;
    running:*) [ $(($(cut -d. -f1 /proc/uptime) - started)) -lt 10 ] ;;
    *) return 1 ;;
  esac
}
