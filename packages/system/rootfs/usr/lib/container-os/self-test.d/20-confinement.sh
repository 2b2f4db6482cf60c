#!/bin/sh
# The confinement of each container, from outside, as the kernel shows it: what its OCI configuration says, and what holds for every container that did
# not opt out. A program may give up what it has; it has no more.
. /usr/lib/container-os/property.sh

# Each check finds in $name, $pid and $config the container, its first process and the lines of its configuration.
each() { # KEY: prints the values at KEY, a pattern of awk, a line each
  echo "$config" | awk -F '\t' -v key="^($1)\$" '$1 ~ key { print $2 }'
}

# none: succeeds if nothing comes in, else prints it.
none() {
  ! grep .
}

namespaces_are_configured() {
  for pair in pid:pid mount:mnt network:net ipc:ipc uts:uts cgroup:cgroup user:user; do
    its=/proc/$pid/ns/${pair#*:} host=/proc/1/ns/${pair#*:}
    entry=$(echo "$config" | sed -n "s/^\(linux\.namespaces\.[0-9]*\)\.type\t${pair%:*}$/\1/p")
    path=$([ -z "$entry" ] || each "$entry\\\\.path")
    # shellcheck disable=SC3013 # BusyBox has -ef
    if [ -n "$path" ]; then
      [ ! -e "$path" ] || [ "$its" -ef "$path" ] || echo "${pair%:*} is not $path"
    elif [ -n "$entry" ]; then
      ! [ "$its" -ef "$host" ] || echo "${pair%:*} is the OS's"
    else
      [ "$its" -ef "$host" ] || echo "${pair%:*} is not the OS's"
    fi
  done | none
}

ids_are_configured() {
  for kind in uid gid; do
    configured=$(each "linux\\\\.${kind}Mappings\\\\..*" | xargs -r -n 3)
    actual=$(awk '{ print $1, $2, $3 }' "/proc/$pid/${kind}_map")
    [ -z "$configured" ] || [ "$actual" = "$configured" ] || echo "$kind: $actual, not $configured"
  done | none
}

# In the order of their numbers (linux/capability.h).
CAPABILITIES='CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW
  IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
  AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'

no_more_capabilities() {
  configured=" $(each 'process\\.capabilities\\.bounding\\.[0-9]+' | tr '\n' ' ')"
  bounding=$(awk '$1 == "CapBnd:" { print $2 }' "/proc/$pid/status")
  effective=$(awk '/^Cap(Inh|Prm|Eff|Amb):/ { print "0x" $2 }' "/proc/$pid/status" | tr '\n' '|')
  bit=1
  for capability in $CAPABILITIES; do
    [ $((0x$bounding & bit)) -eq 0 ] || case $configured in *" CAP_$capability "*) ;; *) echo "$capability" ;; esac
    bit=$((bit << 1))
  done | none && [ $(((${effective}0) & ~0x$bounding)) -eq 0 ]
}

# A limit that the kernel calls otherwise: RLIMIT_NOFILE is "Max open files".
no_higher_limits() {
  echo "$config" | sed -n 's/^\(process\.rlimits\.[0-9]*\)\.type\tRLIMIT_\(.*\)/\1 \2/p' | while read -r entry limit; do
    case $limit in
      AS) label='address space' ;; CORE) label='core file size' ;; CPU) label='cpu time' ;; DATA) label='data size' ;; FSIZE) label='file size' ;;
      LOCKS) label='file locks' ;; MEMLOCK) label='locked memory' ;; MSGQUEUE) label='msgqueue size' ;; NICE) label='nice priority' ;;
      NOFILE) label='open files' ;; NPROC) label='processes' ;; RSS) label='resident set' ;; RTPRIO) label='realtime priority' ;;
      RTTIME) label='realtime timeout' ;; SIGPENDING) label='pending signals' ;; STACK) label='stack size' ;; *) continue ;;
    esac
    hard=$(sed -n "s/^Max $label  *[^ ]*  *\([^ ]*\).*/\1/p" "/proc/$pid/limits") most=$(each "$entry\\\\.hard")
    # Without a limit the number is about 2^64, or -1.
    case $most in -* | ???????????????????*) continue ;; esac
    [ "$hard" != unlimited ] && [ "$hard" -le "$most" ] || echo "$limit: $hard, not $most"
  done | none
}

cgroup_is_configured() {
  cgroup=$(each 'linux\\.cgroupsPath')
  {
    case $(cat "/proc/$pid/cgroup")/ in "0::$cgroup/"*) ;; *) echo "in $(cat "/proc/$pid/cgroup"), not $cgroup" ;; esac
    for pair in memory.max:memory.limit pids.max:pids.limit cpu.max:cpu.quota cpuset.cpus:cpuset.cpus; do
      most=$(each "linux\\\\.resources\\\\.${pair#*:}") file=/sys/fs/cgroup$cgroup/${pair%:*}
      [ -n "$most" ] || continue
      case $pair:$most in *:-1) most=max ;; memory.*) most=$((most / 4096 * 4096)) ;; esac # the kernel counts memory in pages
      read -r limit _ <"$file"
      [ "$limit" = "$most" ] || echo "${pair%:*} is $limit, not $most"
    done
  } | none
}

# place PATH: where a path of the container is below its root, whatever symbolic links lead there.
place() {
  real='' rest=$1/
  while [ -n "$rest" ]; do
    part=${rest%%/*} rest=${rest#*/}
    case $part in '' | .) continue ;; ..) real=${real%/*} && continue ;; esac
    if [ -L "/proc/$pid/root$real/$part" ]; then
      link=$(readlink "/proc/$pid/root$real/$part") rest=$link/$rest
      case $link in /*) real='' ;; esac
    else
      real=$real/$part
    fi
  done
  printf '%s\n' "$real"
}

# options_at PLACE: of the topmost mount there.
options_at() {
  awk -v at="$1" '$5 == at { options = $6 } END { print options }' "/proc/$pid/mountinfo"
}

mounts_are_configured() {
  mounts=$(echo "$config" | sed -n 's/^\(mounts\.[0-9]*\)\.destination\t\(.*\)/\1 \2/p')
  {
    case $(each root\\\\.readonly),$(options_at /), in true,ro,* | false,rw,* | ,rw,*) ;; *) echo "/ is $(options_at /)" ;; esac
    echo "$mounts" | while read -r entry at; do
      found=$(options_at "$(place "$at")") wanted=$(each "$entry\\\\.options\\\\.[0-9]+")
      [ -n "$found" ] || { echo "$at is not mounted"; continue; }
      case " $(echo "$wanted" | tr '\n' ' ')" in *' ro '*) access=ro ;; *) access=rw ;; esac
      for option in $access $(echo "$wanted" | grep -x 'nosuid\|nodev\|noexec'); do
        case ,$found, in *",$option,"*) ;; *) echo "$at is $found, without $option" ;; esac
      done
    done
    for hidden in $(each '(linux\\.maskedPaths|linux\\.readonlyPaths)\\.[0-9]+'); do
      [ ! -e "$hidden" ] || [ -n "$(options_at "$hidden")" ] || echo "$hidden is open"
    done
  } | none
}

# The runtime mounts devices on files of /dev, and covers paths of /proc and /sys. A program that may mount does so as it likes.
no_other_mounts() {
  case " $(each 'process\\.capabilities\\.bounding\\.[0-9]+' | tr '\n' ' ')" in *' CAP_SYS_ADMIN '*) return ;; esac
  known=$(each 'mounts\\.[0-9]+\\.destination|linux\\.devices\\.[0-9]+\\.path' | while read -r at; do place "$at"; done)
  cut -d' ' -f5 "/proc/$pid/mountinfo" | grep -vxE '/|/(proc|sys)/.*|/dev/(null|zero|full|tty|random|urandom|console|ptmx)' | grep -vxF "$known" | none
}

# In its namespaces, also that of its ids, of which there are some in values. The kernel refuses to enter the own one.
parameters_are_configured() {
  set -- --net="/proc/$pid/ns/net" --ipc="/proc/$pid/ns/ipc" --uts="/proc/$pid/ns/uts"
  # shellcheck disable=SC3013 # BusyBox has -ef
  [ "/proc/$pid/ns/user" -ef /proc/1/ns/user ] || set -- --user="/proc/$pid/ns/user" "$@"
  echo "$config" | sed -n 's/^linux\.sysctl\.//p' | while read -r key value; do
    actual=$(nsenter "$@" cat "/proc/sys/$(echo "$key" | tr . /)" | tr '\t' ' ')
    [ "$actual" = "$value" ] || echo "$key is $actual, not $value"
  done | none
}

killed_first() {
  read -r score <"/proc/$pid/oom_score_adj"
  printf '%s' "$score"
  [ "$score" -ge 0 ]
}

# Containers that others wait for start at high priority, but do not keep it.
normal_priority() {
  nice=$(cut -d ' ' -f 19 "/proc/$pid/stat")
  printf '%s' "$nice"
  [ "$nice" -ge 0 ]
}

opted_out() { # OF: a pattern of its definition
  grep -q "$1\|\"privileged\": true" "/run/container-os/containers/$name/bundle/definition.json"
}

is_limited() { # FILE
  value=$(cat "/sys/fs/cgroup/containers/$name/$1") || return
  printf '%s' "$value"
  [ "$value" != max ]
}

running | while read -r name pid; do
  config=$(settings "$name" | grep -v '^linux\.seccomp\.')
  property "namespaces of $name are as configured" namespaces_are_configured
  property "ids of $name are as configured" ids_are_configured
  property "$name has no more capabilities than configured" no_more_capabilities
  property "$name has no higher limits than configured" no_higher_limits
  property "the cgroup of $name is as configured" cgroup_is_configured
  property "mounts of $name are as configured" mounts_are_configured
  property "$name has no other mounts" no_other_mounts
  property "kernel parameters of $name are as configured" parameters_are_configured
  opted_out seccomp.unconfined || property "system calls of $name are filtered" status_is "$pid" Seccomp 2
  opted_out '"userns_mode": "host"' || property "root of $name is unprivileged outside" nobody_outside "$pid"
  says_key "$name" oom_score_adj || property "the kernel ends $name before the OS for lack of memory" killed_first
  property "$name runs at normal priority" normal_priority
  if hardened "$name" || [ "$(each 'process\\.noNewPrivileges')" = true ]; then property "$name cannot gain privileges" status_is "$pid" NoNewPrivs 1; fi
  if hardened "$name" || says_key "$name" mem_limit; then property "memory of $name is limited" is_limited memory.max; fi
  if hardened "$name" || says_key "$name" pids_limit; then property "processes of $name are limited" is_limited pids.max; fi
done
true # what does not hold has been reported
