import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import prettyBytes from 'pretty-bytes';

export type Unit = 'bytes' | 'objects';

/** How far a long step of a task is: a file beside the task's log, while the step lasts. */
interface State {
  /** The process id of the nx that runs the task. */
  run: number;
  title: string;
  done: number;
  /** 0 when unknown. */
  total: number;
  unit: Unit;
  /** Milliseconds since 1970. */
  start: number;
}

/** Written this often at most, in milliseconds. */
const GRAIN = 1000;
const MINUTE = 60_000;
/**
 * Keeps the progress of a task in `file` for the nx that runs the task ({@link announceProgress}). The task itself prints none of it: Nx keeps
 * what a task prints, and replays it whenever the result comes from the cache.
 */
export function keepProgress(file: string, title: string, total: number, unit: Unit): { update(done: number): void; stop(): void } {
  const start = Date.now();
  let last = -Infinity;
  mkdirSync(dirname(file), { recursive: true });
  return {
    update(done) {
      if (performance.now() - last < GRAIN) return;
      last = performance.now();
      writeFileSync(file, JSON.stringify({ run: process.ppid, title, done, total, unit, start } satisfies State));
    },
    stop: () => rmSync(file, { force: true }),
  };
}

/** The file for {@link keepProgress} of the task with this log. */
export function progressFile(logFile: string): string {
  return logFile.replace(/\.log$/, '.progress');
}

let announcing = false;

/**
 * From now on, prints how far the tasks of this run of nx are: one line for all of them, each minute, later every five, and after half an hour
 * every thirty. In a terminal the tasks show bars. The process may end meanwhile.
 */
export function announceProgress(workspaceRoot: string, out: NodeJS.WriteStream = process.stdout): void {
  if (announcing || out.isTTY) return;
  announcing = true;
  let minutes = 0;
  const tell = (): void => {
    minutes++;
    if (minutes % (minutes <= 5 ? 1 : minutes <= 30 ? 5 : 30) !== 0) return;
    const line = describeProgress(workspaceRoot, process.pid);
    if (line !== '') out.write(`${line}\n`);
  };
  setInterval(tell, MINUTE).unref();
}

/**
 * How far the tasks of the nx `run` are.
 *
 * @example
 * describeProgress(root, process.pid); // 'kernel: 812 of about 2250 objects after 9 min 2 s · busybox: 12 objects after 3.0 s'
 */
export function describeProgress(workspaceRoot: string, run: number): string {
  const logs = join(workspaceRoot, 'dist/logs');
  return filesBelow(logs)
    .flatMap((file) => readState(join(logs, file)) ?? [])
    .filter((state) => state.run === run)
    .map(describe)
    .join(' · ');
}

function describe({ title, done, total, unit, start }: State): string {
  const seconds = formatSeconds((Date.now() - start) / 1000);
  if (unit === 'bytes') return `${title}: ${prettyBytes(done)}${total > 0 ? ` of ${prettyBytes(total)}` : ''} after ${seconds}`;
  return `${title}: ${done} ${total > 0 ? `of about ${Math.max(total, done)} ` : ''}objects after ${seconds}`;
}

function filesBelow(logs: string): string[] {
  try {
    return readdirSync(logs, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.progress'))
      .sort();
  } catch {
    return [];
  }
}

/** A file that is being written or removed says nothing this time. */
function readState(file: string): State | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

/** `3.0 s`, `9 min 2 s`. */
export function formatSeconds(elapsed: number): string {
  const whole = Math.round(elapsed);
  return whole < 60 ? `${elapsed.toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
