# shellcheck shell=sh disable=SC2154
# Sourced: images of the OCI layout $layout, made of directories below $work, which umoci packs as they are.

# image NAME_TAG: a new image without layers; what follows speaks of it.
image() {
  current=$layout:$1
  umoci new --image "$current"
}

# based_on NAME_TAG NAME_TAG: a new image of the first name that continues the second.
based_on() {
  current=$layout:$1
  umoci tag --image "$layout:$2" "$1"
}

config() { umoci config --image "$current" "$@"; }

# fresh: an empty directory $root for the next layer.
fresh() {
  root=$work/root
  rm -rf "$root"
  mkdir "$root"
}

# pack FILE DIRECTORY [TAR ARGUMENT...]: without arguments, all of the directory.
pack() {
  pack_to=$1
  pack_from=$2
  shift 2
  [ $# -gt 0 ] || set -- .
  tar --create --file "$pack_to" --format posix --pax-option delete=atime,delete=ctime --sort name --mtime @0 --numeric-owner --xattrs \
    --xattrs-include '*' --directory "$pack_from" "$@"
}

# layer [TAR ARGUMENT...]: $root as a layer.
layer() {
  pack "$work/layer.tar" "$root" "$@"
  add_layer "$work/layer.tar"
}

# add_layer TAR [gzip|zstd|none]
add_layer() { umoci raw add-layer --image "$current" --compress "${2:-gzip}" "$1"; }

# put MODE OWNER PATH: standard input as a file of the layer.
put() {
  mkdir -p "$(dirname "$root/$3")"
  cat >"$root/$3"
  chown "$2" "$root/$3"
  chmod "$1" "$root/$3"
}
