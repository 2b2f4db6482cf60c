#!/bin/sh
# The reference implementation, docker-compose of Debian's sid, and the official JSON schema of the specification.
#
#   reference.sh install   fetches both and unpacks them in the cache directory (83 MB); nothing is installed. Prints the directory,
#                          which has docker-compose, compose-spec.json and version
set -eu

. "$(dirname "$0")/../../../../tools/private-apt.sh"
home=${CONTAINER_OS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/container-os}/compose-reference

install() {
  [ -e "$home/version" ] && return
  rm -rf "$home"
  mkdir -p "$home"
  private_apt "$home/apt"
  fetch_alone docker-compose golang-github-compose-spec-compose-go-dev
  unpack_fetched "$home/root"
  mv "$home/root/usr/libexec/docker/cli-plugins/docker-compose" "$home/root/usr/share/gocode/src/github.com/compose-spec/compose-go/schema/compose-spec.json" "$home"
  version=$(fetched_version docker-compose)
  end_private_apt
  rm -rf "$home/root"
  # Last: it says that everything before was done.
  echo "$version" >"$home/version"
}

case ${1:-} in
  install) install; echo "$home" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
