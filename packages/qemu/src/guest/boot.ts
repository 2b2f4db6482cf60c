import { BuildError, run, shellQuote } from '@container-os/core';
import { statSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bounded, type GuestIo } from './machine.ts';
import type { Outcome } from '../verdict/classify.ts';
import { EARLY_INIT_FAULT, PANIC, readableLines } from './console.ts';
import { readGuestReport, type GuestReport } from './report.ts';
import { fetchPublished, publish } from './published.ts';

/** Seconds that a kernel gets after a panic, or the early init after a fault, to write the rest of its message. */
const PANIC_GRACE = 2;

/** Files, limits and signals of {@link boot}. */
export interface BootContext {
  /** Directory for `<name>.console.log` and `<name>.report.jsonl`. */
  logs: string;
  name: string;
  /** Whether to cut the power, without telling the guest, at this state of the report. */
  cutPower?: (report: GuestReport) => boolean;
  scratch: string;
  /** Seconds that may pass without a new line of the report. */
  limit: number;
  /** Seconds in all. */
  longest: number;
  signal: AbortSignal;
  /** Ports of the guest to fetch a page from, each with a regular expression. */
  published?: Readonly<Record<string, string>>;
}

/** Boots the machine of QEMU's command line `argvOf` and collects console, report and answers. QEMU never outlives the call. */
export async function boot(argvOf: (io: Required<GuestIo>) => readonly string[], context: BootContext): Promise<Outcome> {
  const { logs, name, cutPower, scratch, limit, longest, signal, published: expected = {} } = context;
  const consoleLog = join(logs, `${name}.console.log`);
  const report = join(logs, `${name}.report.jsonl`);
  const requests = join(scratch, `${name}.requests`);
  const server = join(scratch, `${name}.server`);
  await writeFile(consoleLog, '');
  await writeFile(report, '');
  await writeFile(requests, '');
  const published = await publish(expected);
  const fetched = join(scratch, `${name}.fetched`);
  await rm(fetched, { force: true });
  await writeFile(server, serverScript(requests, fetched));
  const pidFile = join(scratch, `${name}.pid`);
  const argv = argvOf({ report, server, pidFile, forward: Object.entries(published).map(([guest, { port }]) => `${port}:${guest}`) });
  const start = performance.now();
  const [ended, cut] = [new AbortController(), new AbortController()];
  const fetching = fetchPublished(published, report, ended.signal).finally(() => writeFile(fetched, ''));
  const watch = cutPower && setInterval(() => void kill(cutPower, report, pidFile, cut), 100);
  const end = await untilEnd(argv, { consoleLog, grows: report, limit, longest, signal: AbortSignal.any([signal, cut.signal]) }).finally(async () => {
    clearInterval(watch);
    ended.abort();
    await fetching;
  });
  return {
    end,
    seconds: Math.round(performance.now() - start) / 1000,
    limit,
    // The first line is the command.
    console: readableLines(await readFile(consoleLog, 'utf8')).slice(1),
    report: readGuestReport(await readFile(report, 'utf8')),
    published: await fetching,
    requests: (await readFile(requests, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

export interface Watch {
  consoleLog: string;
  /** A file that must grow within every `limit` seconds. */
  grows: string;
  limit: number;
  longest: number;
  /** Ends QEMU; its reason may be {@link CUT}. */
  signal: AbortSignal;
  /** Called for each line of the console. */
  onLine?: (line: string) => void;
  cwd?: string;
}

/** Runs QEMU until it ends or must be ended; returns the kind of end. */
export async function untilEnd(argv: readonly string[], { consoleLog, grows, limit, longest, signal, onLine: look, cwd }: Watch): Promise<Outcome['end']> {
  const ending = new AbortController();
  const onLine = (line: string): void => {
    look?.(line);
    if (PANIC.test(line) || EARLY_INIT_FAULT.test(line)) setTimeout(() => ending.abort(PANICKED), PANIC_GRACE * 1000).unref();
  };
  let [size, since] = [0, performance.now()];
  const watch = setInterval(() => {
    const now = statSync(grows).size;
    if (now !== size) [size, since] = [now, performance.now()];
    else if (performance.now() - since > limit * 1000) ending.abort(SILENT);
  }, 500);
  const anyCode = Array.from({ length: 256 }, (_, code) => code);
  const options = { ...(cwd === undefined ? {} : { cwd }), logFile: consoleLog, onLine, timeout: longest, capture: false, allow: anyCode };
  try {
    return (await run(bounded(argv, longest), { ...options, signal: AbortSignal.any([signal, ending.signal]) })).exitCode;
  } catch (error) {
    if (error === PANICKED) return 'panic';
    if (error === SILENT) return 'silence';
    if (error === CUT) return 'cut';
    if (error instanceof BuildError && error.code === 'COMMAND_TIMEOUT') return 'timeout';
    throw error;
  } finally {
    clearInterval(watch);
  }
}

/** Error codes for a process that has ended, and for its missing pid file. */
const GONE = ['ESRCH', 'ENOENT'];

/** Kills QEMU with SIGKILL, so that it writes nothing more and the guest does not notice. */
async function kill(when: NonNullable<BootContext['cutPower']>, report: string, pidFile: string, cut: AbortController): Promise<void> {
  if (!when(readGuestReport(await readFile(report, 'utf8')))) return;
  try {
    const pid = Number(await readFile(pidFile, 'utf8'));
    // Meanwhile the next look may have seen the same.
    if (cut.signal.aborted) return;
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!GONE.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return; // It went off by itself.
  }
  cut.abort(CUT);
}

export const CUT = new Error('the power was cut');
const PANICKED = new Error('the guest panicked');
const SILENT = new Error('the guest reports nothing more');

/**
 * An HTTP server for one request, which it logs. It answers at once: the guest asks again for `/clients` until the clients of this machine
 * have tried its published ports, so that only the guest waits, by its own clock.
 */
function serverScript(requests: string, fetched: string): string {
  return `read -r request
printf '%s\\n' "$request" >>${shellQuote(requests)}
case $request in
  'GET /clients '*) if [ -e ${shellQuote(fetched)} ]; then status='200 OK'; else status='503 Service Unavailable'; fi ;;
  *) status='200 OK' ;;
esac
printf 'HTTP/1.0 %s\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n' "$status"
`;
}
