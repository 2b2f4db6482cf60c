import { JSON_OPTION, type Command } from '../command.ts';
import { requireContainer } from '../containers.ts';
import { CommandError, USAGE, type System } from '../system.ts';

/** One event per line; the older events are in the first file. */
const FILES = ['/run/container-os/events.old', '/run/container-os/events'] as const;

interface Event {
  /** UTC, as in RFC 3339. */
  time: string;
  name: string;
  event: string;
  /** Empty if there is none. */
  reason: string;
}

export const events: Command = {
  usage: '[OPTIONS] [NAME...]',
  summary: 'show what happened to containers',
  details: 'created, starting, running, healthy, unhealthy, exited, failed, oom-killed, restarting, stopped, deleted',
  options: {
    follow: { type: 'boolean', short: 'f', description: 'keep printing new events' },
    since: { type: 'string', description: 'a time such as 2026-01-31T12:00:00Z, or how long ago: 30s, 10m, 2h, 1d' },
    ...JSON_OPTION,
  },
  positionals: [0, Infinity],
  run({ values, positionals }, system) {
    const since = sinceWhen(values['since']);
    // The events of a container are left when it is gone: a name that no container has is taken as it is.
    const names = positionals.map((name) => containerOf(name, system));
    const wanted = ({ time, name }: Event): boolean => Date.parse(time) >= since && (names.length === 0 || names.includes(name));
    const show = (lines: string): void =>
      system.print(
        parse(lines)
          .filter(wanted)
          .map((event) => (values['json'] ? `${JSON.stringify(event)}\n` : text(event)))
          .join(''),
      );
    let before = readEvents(system);
    show(before.old + before.current);
    while (values['follow']) {
      system.sleep(200);
      const now = readEvents(system);
      show(news(before, now));
      before = now;
    }
    return 0;
  },
};

interface Log {
  old: string;
  current: string;
}

function containerOf(name: string, system: System): string {
  try {
    return requireContainer(system, name).name;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return name;
  }
}

/** Reads both files, the current one up to its last complete line. */
function readEvents(system: System): Log {
  const [old, current] = FILES.map((file) => system.read(file) ?? '');
  return { old: old ?? '', current: current?.slice(0, current.lastIndexOf('\n') + 1) ?? '' };
}

/** The lines appended between two reads, even if the files were rotated in between. */
export function news(before: Log, now: Log): string {
  if (now.old === before.old && now.current.startsWith(before.current)) return now.current.slice(before.current.length);
  return (now.old.startsWith(before.current) ? now.old.slice(before.current.length) : now.old) + now.current;
}

function parse(lines: string): Event[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

function text({ time, name, event, reason }: Event): string {
  return `${time}  ${name}  ${event}${reason === '' ? '' : `  ${reason}`}\n`;
}

/** Milliseconds since the epoch, as Date has them. */
function sinceWhen(value: unknown): number {
  if (value === undefined) return -Infinity;
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(String(value)) ?? [];
  const time = count === undefined ? Date.parse(String(value)) : Date.now() - Number(count) * 1000 * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 1);
  if (Number.isNaN(time))
    throw new CommandError(`--since ${String(value)}: expected a time such as 2026-01-31T12:00:00Z, or how long ago: 30s, 10m, 2h, 1d`, USAGE);
  // Events have whole seconds.
  return Math.floor(time / 1000) * 1000;
}
