#!/bin/sh
# The reference implementation, docker-compose of Debian's sid, and the official JSON schema of the specification.
#
#   reference.sh install   fetches both and unpacks them in the cache directory (83 MB); nothing is installed. Prints the directory,
#                          which has docker-compose, compose-spec.json and version
set -eu

home=${CONTAINER_OS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/container-os}/compose-reference

install() {
  [ -e "$home/version" ] && return
  mirror=$(apt-get update --print-uris | sed -n "s,^'\(http[^']*\)/dists/[a-z]*/InRelease'.*,\1,p" | grep -m 1 '/debian$') ||
    { echo 'reference.sh: apt knows no mirror of Debian' >&2; exit 1; }
  rm -rf "$home"
  mkdir -p "$home/lists/partial" "$home/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$home/sources.list"
  cat >"$home/apt.conf" <<END
Dir::Etc::SourceList "$home/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$home/lists";
Dir::State::status "/dev/null";
Dir::Cache "$home/cache";
APT::Sandbox::User "";
END
  export APT_CONFIG="$home/apt.conf"
  apt-get update -qq
  cd "$home"
  apt-get download -qq docker-compose golang-github-compose-spec-compose-go-dev
  for package in ./*.deb; do dpkg-deb --extract "$package" root; done
  mv root/usr/libexec/docker/cli-plugins/docker-compose root/usr/share/gocode/src/github.com/compose-spec/compose-go/schema/compose-spec.json .
  version=$(dpkg-deb --field docker-compose_*.deb Version)
  rm -rf root lists cache ./*.deb sources.list apt.conf
  # Last: it says that everything before was done.
  echo "$version" >version
}

case ${1:-} in
  install) install; echo "$home" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
