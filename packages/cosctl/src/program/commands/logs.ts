import type { Command } from '../command.ts';
import { requireContainer } from '../containers.ts';
import { CommandError, USAGE, type System } from '../system.ts';

const LOGS = '/run/log/containers';

export const logs: Command = {
  usage: '[OPTIONS] NAME',
  summary: 'print the output of a container',
  options: {
    follow: { type: 'boolean', short: 'f', description: 'keep printing new output' },
    tail: { type: 'string', short: 'n', description: 'print only the last VALUE lines' },
    timestamps: { type: 'boolean', short: 't', description: 'print the time of each line (UTC)' },
    json: { type: 'boolean', description: 'print each line as JSON, with its time' },
  },
  positionals: [1, 1],
  run({ values, positionals: [typed = ''] }, system) {
    const { name } = requireContainer(system, typed);
    const tail = values['tail'] === undefined ? Infinity : Number(values['tail']);
    if (!(tail >= 0)) throw new CommandError(`--tail ${values['tail']}: expected a number of lines`, USAGE);
    const show = values['json'] ? asJson : (line: string): string => `${values['timestamps'] ? line : line.replace(/^\S+ /, '')}\n`;
    let lines = readLog(name, system);
    system.print(
      lines
        .slice(Math.max(0, lines.length - tail))
        .map(show)
        .join(''),
    );
    while (values['follow']) {
      system.sleep(200);
      const next = readLog(name, system);
      const last = lines.at(-1);
      // Older lines may have been rotated away; times make each line unlike the others.
      system.print(
        next
          .slice(last === undefined ? 0 : next.lastIndexOf(last) + 1)
          .map(show)
          .join(''),
      );
      lines = next;
    }
    return 0;
  },
};

/** Lines of svlogd's files: `@<time>.s` in order, then `current`. */
function readLog(name: string, system: System): string[] {
  const files = system.list(`${LOGS}/${name}`).filter((file) => file.startsWith('@') || file === 'current');
  return files.flatMap((file) => (system.read(`${LOGS}/${name}/${file}`) ?? '').split('\n')).filter((line) => line !== '');
}

/** `2026-01-01_00:00:01.00000 text` of svlogd, as an object with the time as in RFC 3339. */
function asJson(line: string): string {
  const [, day, time, text] = /^(\S+?)_(\S+) (.*)$/.exec(line) ?? [];
  return `${JSON.stringify({ time: `${day}T${time}Z`, text })}\n`;
}
