import { posix } from 'node:path';
import type { CommandBlock } from './commands.ts';
import { HOW_RUN } from './how-run.ts';

/** Each server is a group of processes (set -m); its output is file descriptor 4. */
const PRELUDE = `set -e -o pipefail -m
shopt -s expand_aliases
servers=
output=$(mktemp)
exec 4>>"$output"
until_shown() {
  servers="$servers $2"
  for _ in $(seq 300); do
    grep --quiet --fixed-strings "$1" "$output" && return
    kill -0 "$2" 2>/dev/null || break
    sleep 0.2
  done
  echo "not shown: $1"; cat "$output"; return 1
}
end_servers() {
  for server in $servers; do kill -TERM -- "-$server" 2>/dev/null || :; wait "$server" 2>/dev/null || :; done
  servers=
  : >"$output"
}
trap end_servers EXIT`;

/** A bash script that writes the files of a document, types its commands that run in the copy, and ends a server after its block; '' without commands. */
export function shellScript(of: CommandBlock[]): string {
  const parts = of.flatMap(({ file, line, commands, shows }) => {
    if (shows) return [`mkdir -p ${posix.dirname(shows.path)}`, `cat >${shows.path} <<'END_OF_FILE'`, `${shows.text}END_OF_FILE`];
    const lines = commands.flatMap((command) => {
      const how = HOW_RUN[command];
      if (!how || !('in' in how) || how.in !== 'copy') return [];
      const typed = (how.as ?? command).replaceAll('…', 'a-token');
      return 'until' in how ? [`${typed} >&4 2>&1 &`, `until_shown '${how.until}' $!`] : [typed];
    });
    return lines.length === 0 ? [] : [`echo '== ${file}:${line}'`, ...lines, 'end_servers'];
  });
  return parts.some((part) => part.startsWith("echo '==")) ? [PRELUDE, ...parts].join('\n') : '';
}
