# shellcheck shell=sh
# Sourced by scripts that use programs or files of Debian without installing them.
#
#   private_apt DIRECTORY [SUITE]    from here on, apt-get of this shell keeps all of its state in DIRECTORY, takes packages of SUITE
#                                    (default: sid) from the mirror that the host's apt is configured with, and sees nothing as installed
#   fetch_packages PACKAGE...        packages and all that they depend on become the fetched ones
#   fetch_alone PACKAGE...           packages without what they depend on become the fetched ones
#   fetched                          their archives
#   unpack_fetched ROOT              unpacks them; no script of theirs runs, and a symbolic link to a directory stays one
#   fetched_version PACKAGE          the version of one of them
#   end_private_apt                  removes what apt needed; what was unpacked stays

private_apt() {
  apt_state=$1
  mirror=$(apt-get update --print-uris | sed -n "s,^'\(http[^']*\)/dists/[a-z]*/InRelease'.*,\1,p" | grep -m 1 '/debian$') ||
    { echo "${0##*/}: apt knows no mirror of Debian" >&2; exit 1; }
  mkdir -p "$apt_state/lists/partial" "$apt_state/cache/archives/partial"
  # Not /dev/null: apt puts its lock beside the file.
  : >"$apt_state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror ${2:-sid} main" >"$apt_state/sources.list"
  cat >"$apt_state/apt.conf" <<END
Dir::Etc::SourceList "$apt_state/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$apt_state/state";
Dir::State::Lists "$apt_state/lists";
Dir::State::status "$apt_state/status";
Dir::Cache "$apt_state/cache";
APT::Sandbox::User "";
END
  export APT_CONFIG="$apt_state/apt.conf"
  apt-get update -qq
}

fetch_packages() {
  rm -f "$apt_state"/cache/archives/*.deb
  apt-get install -qq --download-only --no-install-recommends --yes "$@" >"$apt_state/apt.log"
}

fetch_alone() {
  rm -f "$apt_state"/cache/archives/*.deb
  (cd "$apt_state/cache/archives" && apt-get download -qq "$@")
}

fetched() { ls "$apt_state"/cache/archives/*.deb; }

unpack_fetched() {
  mkdir -p "$1"
  for package in $(fetched); do dpkg-deb --fsys-tarfile "$package" | tar --extract --keep-directory-symlink --directory "$1"; done
}

fetched_version() { dpkg-deb --field "$apt_state/cache/archives/$1"_*.deb Version; }

end_private_apt() {
  rm -rf "$apt_state"
  unset APT_CONFIG
}
