import { readFile, writeFile } from 'node:fs/promises';
import { assertion, type Assertion } from '../verdict/assertions.ts';
import { CUT, untilEnd } from '../guest/boot.ts';
import type { Outcome } from '../verdict/classify.ts';
import { readableLines } from '../guest/console.ts';
import { readGuestReport } from '../guest/report.ts';

/** The command that the docs print for booting an ISO: QEMU's default machine, without options of ours. `iso`: a path without blanks. */
export function bootElsewhere(iso: string): string {
  return `qemu-system-x86_64 -m 512 -nographic -cdrom ${iso}`;
}

/** The last line of the message of the day, which the OS writes to its console when all containers have started. */
const READY = /^ {2}\d+ of \d+ MiB of memory in use, ready/;

export interface PrintedContext {
  /** The command's working directory. */
  cwd: string;
  consoleLog: string;
  /** Seconds that the console may be silent. */
  limit: number;
  /** Seconds in all. */
  longest: number;
  signal: AbortSignal;
}

/** Runs a printed command as it is, until the console shows that all containers have started. */
export async function bootPrinted(command: string, { cwd, consoleLog, limit, longest, signal }: PrintedContext): Promise<Outcome> {
  await writeFile(consoleLog, '');
  const ready = new AbortController();
  const onLine = (line: string): void => {
    if (READY.test(line)) ready.abort(CUT);
  };
  const start = performance.now();
  const end = await untilEnd(['/bin/sh', '-c', command], {
    consoleLog,
    grows: consoleLog,
    limit,
    longest,
    signal: AbortSignal.any([signal, ready.signal]),
    onLine,
    cwd,
  });
  const seconds = Math.round(performance.now() - start) / 1000;
  return { end, seconds, limit, console: readableLines(await readFile(consoleLog, 'utf8')).slice(1), report: readGuestReport(''), published: {}, requests: [] };
}

/** A container without its volume; between two attempts the line has no reason. */
const WANTS_DISK = /^\S+\s+(?:failed|starting|restarting)(?:$|\s.*no data disk)/;

/** Checks containers and network in the message of the day, for a machine with a network card and without a data disk. */
export function assertConsole(lines: readonly string[], containers: readonly string[]): Assertion[] {
  const rowOf = (name: string): string | undefined => lines.find((line) => line.startsWith('  ') && line.trim().split(/\s+/, 1)[0] === name)?.trim();
  const noDisk = lines.some((line) => /^ {2}data disk\s+missing\b/.test(line));
  return [
    ...containers.map((name) => {
      const row = rowOf(name) ?? '';
      const holds = /^\S+\s+running\b/.test(row) || (noDisk && WANTS_DISK.test(row));
      return assertion(`the console says that container ${name} runs, or wants a data disk`, holds, row);
    }),
    assertion('the console says that the network has an address', /^uplink\s+\d+\.\d+\.\d+\.\d+/.test(rowOf('uplink') ?? ''), rowOf('uplink')),
  ];
}
