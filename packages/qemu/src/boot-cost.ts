import { BuildError, run } from '@container-os/core';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bounded, qemuArgv, type Accelerator, type Boot, type Machine } from './guest/machine.ts';
import { readGuestReport } from './guest/report.ts';

/** Seconds since reset. */
export interface Milestones {
  /** The first program of the initramfs. */
  init: number;
  firstContainer: number;
  /** The first container with an address; in an image without networks, the first container. */
  networked: number;
  allContainers: number;
}

export interface BootCost extends Milestones {
  boot: Boot;
  /** Wall clock seconds until all containers were ready; noisy. */
  wallSeconds: number;
}

/** Reads the milestones from console and report; undefined until all are there. */
export type Reader = (files: { console: string; report: string }) => Milestones | undefined;

export interface BootCostOptions {
  /** `virtual`: one nanosecond an instruction and one processor; `real`: as fast as emulation goes, two processors. */
  clock: 'virtual' | 'real';
  /** For the real clock; only emulation has a virtual clock. Default tcg. */
  accelerator?: Accelerator;
  /** Directory for the files `console` and `report`. */
  scratch: string;
  /** Wall clock seconds. Default 600. */
  limit?: number;
  signal?: AbortSignal;
}

/**
 * Virtual time skips idle time, so that a boot costs the same on every machine and under every load (QEMU,
 * docs/devel/tcg-icount.rst). One processor, because several would wait for each other in host time.
 */
const DETERMINISTIC = ['-icount', 'shift=0,sleep=off', '-smp', '1'];

/**
 * Boots until `read` finds its milestones, then ends QEMU.
 *
 * @throws BuildError BOOT_INCOMPLETE, with the end of the console, if the milestones
 * are missing after `limit` seconds or when QEMU ends.
 *
 * @example
 * const machine = { boot: 'direct', memory: 256, artifacts, cmdline: DIRECT_CMDLINE };
 * const { init } = await bootCost(machine, readReport(['web']), { clock: 'virtual', scratch });
 */
export async function bootCost(machine: Omit<Machine, 'console' | 'report' | 'accelerator'>, read: Reader, options: BootCostOptions): Promise<BootCost> {
  const { clock, accelerator = 'tcg', scratch, limit = 600, signal } = options;
  const files = { console: join(scratch, 'console'), report: join(scratch, 'report') };
  await writeFile(files.report, '');
  await writeFile(files.console, '');
  const qemu = qemuArgv({ ...machine, accelerator: clock === 'virtual' ? 'tcg' : accelerator, console: 'stdout', report: files.report });
  const argv: [string, ...string[]] = clock === 'virtual' ? [...(await synchronousDisks(qemu)), ...DETERMINISTIC] : [...qemu, '-smp', '2'];
  const start = performance.now();
  const ended = new AbortController();
  let over = false;
  const end = AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]);
  const running = run(bounded(argv, limit), { logFile: files.console, capture: false, timeout: limit, signal: end })
    // QEMU's end does not matter: it was killed, or the milestones are missing.
    .catch(() => undefined)
    .finally(() => (over = true));
  try {
    for (;;) {
      signal?.throwIfAborted();
      const last = over;
      const found = read({ console: await readFile(files.console, 'latin1'), report: await readFile(files.report, 'utf8') });
      if (found) return { boot: machine.boot, ...found, wallSeconds: (performance.now() - start) / 1000 };
      if (last) throw incomplete(machine, await readFile(files.console, 'latin1'));
      await sleep(20);
    }
  } finally {
    ended.abort();
    await running;
  }
}

function incomplete({ boot, memory }: Pick<Machine, 'boot' | 'memory'>, console: string): BuildError {
  return new BuildError('BOOT_INCOMPLETE', `the boot ${boot} with ${memory} MiB ended before its containers were ready:\n${console.slice(-2000)}`, {
    hint: 'Read the end of the console above; nx run IMAGE:qemu-test shows more.',
  });
}

/**
 * `argv` with virtio disks that answer from the page cache at once. Otherwise the guest halts until a thread of QEMU has read the block,
 * and virtual time jumps to the next timer, which may be milliseconds away. On a host without io_uring, times vary by that much.
 */
async function synchronousDisks(argv: readonly [string, ...string[]]): Promise<[string, ...string[]]> {
  const probe = [
    'qemu-system-x86_64',
    '-machine',
    'none',
    '-display',
    'none',
    '-monitor',
    'stdio',
    '-drive',
    'if=none,format=raw,readonly=on,aio=io_uring,file=/etc/hostname',
  ] as const;
  hasIoUring ??= run(probe, { input: 'quit\n', timeout: 10 }).then(
    () => true,
    () => false,
  );
  if (!(await hasIoUring)) return [...argv];
  return argv.map((word) =>
    word.startsWith('virtio-blk-pci,') ? `${word},ioeventfd=off` : word.replace(/^if=none,(.*)format=raw/, 'if=none,$1format=raw,aio=io_uring'),
  ) as [string, ...string[]];
}

let hasIoUring: Promise<boolean> | undefined;

/**
 * Reads the boot report of an image whose `containers` must run; an image without containers is ready with its init. The fact `reset`
 * converts uptimes to seconds since reset. The report may end at any point, because the guest is still writing it.
 */
export function readReport(containers: readonly string[]): Reader {
  return ({ report }) => {
    const { reset, containers: found } = readGuestReport(report);
    const ran = containers.flatMap((name) => (found[name]?.running === undefined ? [] : [{ ...found[name], running: found[name].running }]));
    if (!reset || ran.length < containers.length) return undefined;
    const init = reset.counter / 1e9;
    const times = (some: typeof ran): number[] => (some.length > 0 ? some.map(({ running }) => init + running - reset.seconds) : [init]);
    const all = times(ran);
    const addressed = ran.filter(({ address }) => address !== undefined);
    return { init, firstContainer: Math.min(...all), networked: Math.min(...(addressed.length > 0 ? times(addressed) : all)), allContainers: Math.max(...all) };
  };
}
