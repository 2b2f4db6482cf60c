#!/bin/sh
# Images that have every trait of real ones, and real software of Debian as images, in a real registry (Debian's docker-registry).
#
#   registry.sh install            fetches the programs, makes the images and fills the registry's storage, once (1 GB in the cache
#                                  directory; needs root: files get owners and capabilities). Nothing is installed.
#   registry.sh run COMMAND...     runs COMMAND with a registry on loopback, whose changes are forgotten afterwards. In its environment:
#                                  TEST_REGISTRY (host:port), TEST_IMAGES (the OCI layout of all images made by umoci), and in PATH
#                                  crane, skopeo, umoci and buildah
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../private-apt.sh"
. "$here/layers.sh"
. "$here/traits.sh"
. "$here/software.sh"
. "$here/others.sh"
# Another version of these scripts makes other images.
version=$(cat "$here"/*.sh "$here"/*.c "$here/../private-apt.sh" | sha256sum | cut -c 1-16)
cache=${CONTAINER_OS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/container-os}
home=$cache/oci-images/$version
PATH=$home/bin:$PATH

prepare() {
  mkdir -p "$cache/oci-images"
  # Another clone may be making the same images.
  exec 8>"$cache/oci-images/lock"
  flock 8
  [ -e "$home/complete" ] && return
  [ "$(id -u)" = 0 ] || { echo 'registry.sh: install needs root, because files of images have owners and capabilities' >&2; exit 77; }
  remove_unused
  mkdir -p "$home/bin"
  programs
  work=$(mktemp -d "$home/work.XXXXXX")
  trap 'rm -rf "$work"; stop_registry' EXIT
  trap 'exit 143' TERM INT HUP
  layout=$home/images
  umoci init --layout "$layout"
  start_registry "$home/storage"
  trait_images
  software_images
  push_images
  make_by_others
  stop_registry
  touch "$home/complete"
}

# Removes what another version of these scripts made, or began to make, unless a clone that has that version runs tests with it: `run` holds a lock.
remove_unused() {
  for other in "$cache"/oci-images/*/; do
    [ ! -d "$other" ] || flock --nonblock "$other" rm -rf "$other" || echo "registry.sh: $other is in use and stays" >&2
  done
}

# Programs of sid with sid's libraries. buildah and runc start themselves anew by /proc/self/exe, so they are those for the host's own C library.
programs() {
  private_apt "$home/apt"
  fetch_packages umoci skopeo crane docker-registry
  unpack_fetched "$home/sid"
  private_apt "$home/apt" "$(. /etc/os-release && echo "$VERSION_CODENAME")"
  fetch_packages buildah runc
  unpack_fetched "$home/host"
  end_private_apt
  libraries=$home/sid/usr/lib/x86_64-linux-gnu
  for program in umoci 'skopeo --insecure-policy' crane docker-registry; do
    wrapper "${program%% *}" "exec $libraries/ld-linux-x86-64.so.2 --library-path $libraries $home/sid/usr/bin/$program"
  done
  wrapper buildah "LD_LIBRARY_PATH=$home/host/usr/lib/x86_64-linux-gnu exec $home/host/usr/bin/buildah"
  wrapper runc "LD_LIBRARY_PATH=$home/host/usr/lib/x86_64-linux-gnu exec $home/host/usr/sbin/runc"
}

wrapper() {
  printf '#!/bin/sh\n%s "$@"\n' "$2" >"$home/bin/$1"
  chmod +x "$home/bin/$1"
}

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# start_registry STORAGE: sets TEST_REGISTRY.
start_registry() {
  mkdir -p "$1"
  TEST_REGISTRY=127.0.0.1:$(free_port)
  printf 'version: 0.1\nlog: { level: warn }\nstorage: { filesystem: { rootdirectory: %s }, delete: { enabled: true } }\nhttp: { addr: %s }\n' \
    "$1" "$TEST_REGISTRY" >"$1/config.yml"
  docker-registry serve "$1/config.yml" >"$1/log" 2>&1 &
  registry=$!
  tries=0
  until node -e 'fetch(process.argv[1]).then(() => {}, () => process.exit(1))' "http://$TEST_REGISTRY/v2/"; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || { cat "$1/log" >&2; exit 1; }
    sleep 0.2
  done
}

stop_registry() {
  [ -z "${registry:-}" ] && return
  kill "$registry" 2>/dev/null || :
  { wait "$registry" || :; } 2>/dev/null
  registry=
}

# The layout's images, each by its tag NAME_VERSION, to the repository NAME of the registry.
push_images() {
  umoci ls --layout "$layout" | while read -r tag; do
    skopeo copy -q --dest-tls-verify=false "oci:$layout:$tag" "docker://$TEST_REGISTRY/$(echo "${tag%_*}" | tr . /):${tag##*_}"
  done
}

run() {
  [ -e "$home/complete" ] || { echo "registry.sh: no images: run $0 install first" >&2; exit 69; }
  exec 9<"$home"
  flock --shared 9
  storage=$(mktemp -d "$home/run.XXXXXX")
  trap 'stop_registry; rm -rf "$storage"' EXIT
  trap 'exit 143' TERM INT HUP
  # A blob is never written again; a tag is.
  mkdir -p "$storage/docker/registry/v2"
  cp -al "$home/storage/docker/registry/v2/blobs" "$storage/docker/registry/v2"
  cp -a "$home/storage/docker/registry/v2/repositories" "$storage/docker/registry/v2"
  start_registry "$storage"
  export TEST_REGISTRY TEST_IMAGES="$home/images" PATH
  "$@"
}

case ${1:-} in
  install) prepare ;;
  run) shift; run "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
