#!/bin/sh
# Prints the machine type and, for each argument, what identifies that host tool: a runtime input of the
# targets whose output depends on it. "deb:NAME" is a Debian package, anything else a program. A tool
# that is not there is part of the answer, not an error: the executor names it to the user.
#   sh packages/core/bin/toolchain.sh gcc ld deb:libc6-dev
uname -m
for tool; do
  case $tool in
    deb:*) printf '%s %s\n' "$tool" "$(dpkg-query -W -f '${Version}' "${tool#deb:}" 2>/dev/null || echo missing)" ;;
    *) printf '%s %s\n' "$tool" "$("$tool" --version 2>/dev/null </dev/null | head -n 1)" ;;
  esac
done
