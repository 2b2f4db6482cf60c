import { qemuArgv, type Boot, type Machine } from '@container-os/qemu';
import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Seconds of virtual time since reset. */
export interface Milestones {
  /** The first program of the initramfs. */
  init: number;
  firstContainer: number;
  allContainers: number;
}

export interface BootCost extends Milestones {
  boot: Boot;
  /** Wall clock of this machine until all containers were ready; noisy. */
  wallSeconds: number;
}

/** What an image writes where, and when it is complete. */
export type Reader = (files: { console: string; report: string }) => Milestones | undefined;

/**
 * One nanosecond of virtual time an instruction, and none for waiting: the same boot costs the same on every machine and
 * under every load (QEMU, docs/devel/tcg-icount.rst). One processor, as several would wait for each other in host time.
 */
const DETERMINISTIC = ['-icount', 'shift=0,sleep=off', '-smp', '1'];
/** Wall clock seconds for one boot. */
const LIMIT = 600;

/** Boots until `read` finds its milestones, then ends QEMU. `clock` real: with the accelerator's own speed, two processors. */
export async function bootCost(machine: Omit<Machine, 'console' | 'report' | 'accelerator'>, read: Reader, scratch: string, clock: 'virtual' | 'real' = 'virtual'): Promise<BootCost> {
  const files = { console: join(scratch, 'console'), report: join(scratch, 'report') };
  await writeFile(files.report, '');
  await writeFile(files.console, '');
  const argv = [...qemuArgv({ ...machine, accelerator: 'tcg', console: 'stdout', report: files.report }), ...(clock === 'virtual' ? DETERMINISTIC : ['-smp', '2'])];
  const start = performance.now();
  const ended = new AbortController();
  const qemu = execa('timeout', [String(LIMIT), ...argv], { stdin: 'ignore', stdout: { file: files.console }, stderr: { file: files.console }, reject: false, cancelSignal: ended.signal });
  let over = false;
  void qemu.then(() => (over = true));
  try {
    for (;;) {
      const found = read({ console: await readFile(files.console, 'latin1'), report: await readFile(files.report, 'utf8') });
      if (found) return { boot: machine.boot, ...found, wallSeconds: (performance.now() - start) / 1000 };
      if (over) throw new Error(`the boot ${machine.boot} ended before its containers were ready:\n${(await readFile(files.console, 'latin1')).slice(-2000)}`);
      await sleep(20);
    }
  } finally {
    ended.abort();
    await qemu;
  }
}

/** Reads the boot report of an image whose `containers` shall run. Uptimes become seconds since reset by the fact `reset`. */
export function readReport(containers: readonly string[]): Reader {
  return ({ report }) => {
    const events = report.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Record<string, unknown>] : []));
    const reset = events.find(({ event, name }) => event === 'fact' && name === 'reset');
    const running = containers.map((wanted) => events.find(({ event, name, status }) => event === 'container' && name === wanted && status === 'running'));
    if (!reset || running.includes(undefined)) return undefined;
    const before = Number(reset['counter']) / 1e9 - Number(reset['seconds']);
    const times = running.map((event) => before + Number(event?.['uptime']));
    return { init: before + Number(reset['seconds']), firstContainer: Math.min(...times), allContainers: Math.max(...times) };
  };
}

/** Reads `init at TSC N` and `container at TSC N` on the console, as tsc.c prints them. */
export const readMarks: Reader = ({ console: text }) => {
  const [init, container] = ['init', 'container'].map((name) => new RegExp(`^${name} at TSC (\\d+)`, 'm').exec(text)?.[1]);
  if (!init || !container) return undefined;
  return { init: Number(init) / 1e9, firstContainer: Number(container) / 1e9, allContainers: Number(container) / 1e9 };
};
