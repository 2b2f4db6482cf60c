import { BuildError, run } from '@container-os/core';
import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bounded, qemuArgv, type Machine } from '../machine.ts';
import { BOOT_LIMIT } from '../probe.ts';
import type { Outcome } from './classify.ts';
import { PANIC, readableLines } from './console.ts';
import { readGuestReport } from './guest-report.ts';

/** Seconds that a kernel gets after its panic to write the rest of its message. */
const PANIC_GRACE = 2;

/** Where {@link boot} works. */
export interface BootContext {
  /** Gets `<boot>.console.log` and `<boot>.report.jsonl`. */
  logs: string;
  scratch: string;
  /** Seconds without a line of the report. */
  limit: number;
  signal: AbortSignal;
}

/** Boots `machine` and collects what it leaves. QEMU never outlives the call. */
export async function boot(machine: Omit<Machine, 'console'>, { logs, scratch, limit, signal }: BootContext): Promise<Outcome> {
  const consoleLog = join(logs, `${machine.boot}.console.log`);
  const report = join(logs, `${machine.boot}.report.jsonl`);
  const requests = join(scratch, `${machine.boot}.requests`);
  const server = join(scratch, `${machine.boot}.server`);
  await writeFile(consoleLog, '');
  await writeFile(report, '');
  await writeFile(requests, '');
  await writeFile(server, serverScript(requests));
  const argv = qemuArgv({ ...machine, console: 'stdout', report, server });
  const start = performance.now();
  const end = await untilEnd(argv, { consoleLog, report, limit, signal });
  return {
    end,
    seconds: Math.round(performance.now() - start) / 1000,
    limit,
    // The first line is the command.
    console: readableLines(await readFile(consoleLog, 'utf8')).slice(1),
    report: readGuestReport(await readFile(report, 'utf8')),
    requests: (await readFile(requests, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

interface Watch {
  consoleLog: string;
  report: string;
  limit: number;
  signal: AbortSignal;
}

async function untilEnd(argv: readonly string[], { consoleLog, report, limit, signal }: Watch): Promise<Outcome['end']> {
  const ending = new AbortController();
  const onLine = (line: string): void => {
    if (PANIC.test(line)) setTimeout(() => ending.abort(PANICKED), PANIC_GRACE * 1000).unref();
  };
  let [size, since] = [0, performance.now()];
  const watch = setInterval(() => {
    const now = statSync(report).size;
    if (now !== size) [size, since] = [now, performance.now()];
    else if (performance.now() - since > limit * 1000) ending.abort(SILENT);
  }, 500);
  const options = { logFile: consoleLog, onLine, timeout: BOOT_LIMIT, capture: false, allow: Array.from({ length: 256 }, (_, code) => code) };
  try {
    return (await run(bounded(argv, BOOT_LIMIT), { ...options, signal: AbortSignal.any([signal, ending.signal]) })).exitCode;
  } catch (error) {
    if (error === PANICKED) return 'panic';
    if (error === SILENT || (error instanceof BuildError && error.code === 'COMMAND_TIMEOUT')) return 'timeout';
    throw error;
  } finally {
    clearInterval(watch);
  }
}

const PANICKED = new Error('the guest panicked');
const SILENT = new Error('the guest reports nothing more');

/** An HTTP server for one request, which it notes. */
function serverScript(requests: string): string {
  return `read -r request
printf '%s\\n' "$request" >>'${requests.replaceAll("'", "'\\''")}'
printf 'HTTP/1.0 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n'
`;
}
