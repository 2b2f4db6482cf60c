# shellcheck shell=sh
# Sourced by prepare-storage, which has set data, state, lib and rootfs: makes a volume, which a container may mount then.
# shellcheck disable=SC2154

# DIRECTORY is below the data disk, PLACE is where the volume is mounted. A new volume belongs to OWNER (user:group), unless it is "". "copy": an empty
# one gets what the root has at PLACE. SUBPATH is the directory of the volume that is mounted, or "".
volume() { # DIRECTORY PLACE OWNER copy|nocopy SUBPATH
  directory=$data/$1 shown=$2
  case $1 in volumes/*) shown=${1#volumes/} ;; esac
  on_disk "volume $shown"
  mkdir -p "$directory" || fail "volume $shown: cannot make its directory on the data disk"
  [ "$4" != copy ] || copy_up "$1" "$2"
  [ -z "$3" ] || [ "$(stat -c %u:%g "$directory")" != 0:0 ] || [ -n "$(ls -A "$directory")" ] || chown "$3" "$directory"
  [ -z "$5" ] || subpath "$5"
}

# A cut of the power leaves the volume empty until "copied" has all; from then on, whoever mounts the volume next moves the rest.
copy_up() { # DIRECTORY PLACE
  copying=$data/copying/$1 copied=$data/copied/$1
  if [ ! -d "$copied" ]; then
    [ -z "$(ls -A "$directory")" ] || return 0
    rm -rf "$copying"
    if ! mkdir -p "${copying%/*}" "${copied%/*}"; then
      # On a full disk a container with nothing to copy starts, and hears it when it writes.
      [ -n "$(ls -A "$rootfs$2" 2>/dev/null)" ] || return 0
      fail "volume $shown: cannot copy the content of $2"
    fi
    # shellcheck disable=SC2086 # two words of the file service
    errors=$("$lib/copy-up" "$rootfs" "$2" "$copying" $ids 2>&1)
    case $? in
      0) ;;
      3) return 0 ;;
      *) rm -rf "$copying" && fail "volume $shown: cannot copy the content of $2: $errors" ;;
    esac
    # Of an empty directory there are only owner and mode, which a volume keeps once it has others than root's.
    if [ -z "$(ls -A "$copying")" ] && [ "$(stat -c %u:%g:%a "$directory")" != 0:0:755 ]; then
      rmdir "$copying"
      return 0
    fi
    mv "$copying" "$copied"
  fi
  chown "$(stat -c %u:%g "$copied")" "$directory"
  chmod "$(stat -c %a "$copied")" "$directory"
  set -- "$copied"/* "$copied"/.[!.]* "$copied"/..?*
  for entry; do
    ! [ -e "$entry" ] && ! [ -L "$entry" ] || mv -n "$entry" "$directory/" || fail "volume $shown: cannot move $entry"
  done
  rm -rf "$copied"
}

# Mounts the directory at a path of the OS that the configuration names: a symbolic link in the volume may lead anywhere.
subpath() { # SUBPATH
  place=$state/subpaths/$subpaths
  subpaths=$((subpaths + 1))
  mkdir -p "$place"
  # The working directory stays the same directory, whatever is renamed.
  (
    cd -P "$directory/$1" 2>/dev/null || fail "volume $shown: there is no directory $1 in it"
    case $(pwd -P) in "$directory"/*) mount -o bind . "$place" ;; *) fail "volume $shown: $1 leads out of it" ;; esac
  ) || exit
}
subpaths=0
