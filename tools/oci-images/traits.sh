# shellcheck shell=sh disable=SC2034,SC2154
# Sourced: one image a trait. Those that run have /answer, which tells what it is.

trait_images() {
  cc -Os -static -o "$work/answer" "$here/answer.c"
  musl-gcc -Os -o "$work/answer-musl" "$here/answer.c"
  users
  bare
  set_ids_and_capabilities
  other_c_library
  links
  occupied_directories
  removed_below
  hard_links
  changed_types
  owners
  large_layer
}

# answer [OPTION...]: /answer, with mode 0755 where nothing else is said.
answer() { install -o 0 -g 0 -m "${1:-0755}" "$work/answer" "$root/answer"; }

users() {
  image traits.user-name_1
  fresh
  answer
  printf 'root:x:0:0::/root:/bin/sh\napp:x:1001:1002::/home/app:/bin/false\n' | put 0644 0:0 etc/passwd
  printf 'root:x:0:\napp:x:1002:\nextra:x:2000:app\n' | put 0644 0:0 etc/group
  mkdir -p "$root/home/app"
  chown 1001:1002 "$root/home/app"
  layer
  config --config.entrypoint /answer --config.cmd one --config.cmd two --config.workingdir /home/app --config.exposedports 8080
  for user in number:1001 group:app:extra unknown:4242; do
    based_on "traits.user-${user%%:*}_1" traits.user-name_1
    config --config.user "${user#*:}"
  done
  current=$layout:traits.user-name_1
  config --config.user app
  based_on traits.stop-signal_1 traits.user-name_1
  config --config.stopsignal SIGUSR1
}

# No shell, no passwd, no /etc, no /tmp.
bare() {
  image traits.bare_1
  fresh
  answer
  layer
  config --config.entrypoint /answer --config.exposedports 8080 --config.env PORT=8080
  # A layer with nothing, and one that is stored as it is.
  based_on traits.empty-layer_1 traits.bare_1
  fresh
  layer --files-from /dev/null
  based_on traits.plain-layer_1 traits.bare_1
  echo plain | put 0644 0:0 plain
  pack "$work/layer.tar" "$root"
  add_layer "$work/layer.tar" none
  # For another machine: an index has both.
  based_on traits.other-machine_1 traits.bare_1
  config --platform.arch arm64
}

set_ids_and_capabilities() {
  based_on traits.set-user-id_1 traits.user-number_1
  fresh
  answer 4755
  layer
  based_on traits.capability_1 traits.user-number_1
  fresh
  answer
  setcap cap_net_raw=ep "$root/answer"
  layer
}

other_c_library() {
  image traits.musl_1
  fresh
  install -m 0755 "$work/answer-musl" "$root/answer"
  mkdir "$root/lib"
  cp -L /lib/ld-musl-x86_64.so.1 "$root/lib"
  chmod 0755 "$root/lib/ld-musl-x86_64.so.1"
  layer
  config --config.entrypoint /answer --config.exposedports 8080
}

# /bin and /var/run are links; the second layer writes through both.
links() {
  image traits.links_1
  fresh
  mkdir -p "$root/usr/bin" "$root/run" "$root/var" "$root/etc"
  ln -s usr/bin "$root/bin"
  ln -s /run "$root/var/run"
  install -m 0755 "$work/answer" "$root/usr/bin/answer"
  layer
  fresh
  echo through | put 0755 0:0 bin/through
  echo state | put 0644 0:0 var/run/state
  layer bin/through var/run/state
  config --config.entrypoint /bin/answer --config.exposedports 8080
}

# Files where the OS mounts its own directories.
occupied_directories() {
  based_on traits.occupied_1 traits.bare_1
  fresh
  for directory in run tmp dev proc sys dev/shm; do echo here | put 0644 0:0 "$directory/here"; done
  echo 'nameserver 192.0.2.1' | put 0644 0:0 etc/resolv.conf
  echo '192.0.2.2 here' | put 0644 0:0 etc/hosts
  layer
}

# Whiteouts and opaque directories of layer 3 about layer 1; the marker of one directory comes after what the layer has in it.
removed_below() {
  based_on traits.removed_1 traits.bare_1
  fresh
  for path in a/1 a/2 a/3 b/x b/y/z c/d/e opaque/below opaque/sub/below; do echo "$path" | put 0644 0:0 "$path"; done
  layer
  fresh
  echo middle | put 0644 0:0 b/middle
  layer
  fresh
  for path in a/.wh.2 c/.wh.d b/.wh..wh..opq opaque/.wh..wh..opq; do : | put 0644 0:0 "$path"; done
  echo new | put 0644 0:0 b/new
  echo new | put 0644 0:0 opaque/new
  layer a c b opaque/new opaque/.wh..wh..opq
}

# `second` of layer 2 is a link to `first` of layer 1, and `late` of layer 3 to that.
hard_links() {
  based_on traits.hard-links_1 traits.bare_1
  fresh
  echo content | put 0640 1:2 first
  ln "$root/first" "$root/beside"
  layer
  fresh
  for link in first:second second:late; do
    fresh
    echo content | put 0640 1:2 "${link%:*}"
    ln "$root/${link%:*}" "$root/${link#*:}"
    pack "$work/layer.tar" "$root" "${link%:*}" "${link#*:}"
    tar --delete --file "$work/layer.tar" "${link%:*}"
    add_layer "$work/layer.tar"
  done
}

changed_types() {
  based_on traits.changed-types_1 traits.bare_1
  fresh
  for path in directory-file/below directory-link/below file-directory link-directory-target/below; do echo 1 | put 0644 0:0 "$path"; done
  ln -s link-directory-target "$root/link-directory"
  layer
  fresh
  echo 2 | put 0644 0:0 directory-file
  ln -s file-directory "$root/directory-link"
  for path in file-directory/below link-directory/below; do echo 2 | put 0644 0:0 "$path"; done
  layer
}

owners() {
  based_on traits.owners_1 traits.bare_1
  fresh
  for id in 1 65533 65534 65535; do echo "$id" | put 0600 "$id:$id" "owned/$id"; done
  layer
  based_on traits.owner-beyond_1 traits.bare_1
  fresh
  echo beyond | put 0600 65536:100000 owned/beyond
  layer
}

large_layer() {
  based_on traits.large_1 traits.bare_1
  fresh
  head -c 300000000 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null | put 0644 0:0 large
  pack "$work/layer.tar" "$root"
  add_layer "$work/layer.tar" zstd
}
