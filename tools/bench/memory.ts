import { memoryShares, readGuestReport, type Reader } from '@container-os/qemu';
import { bootOnce } from './boot.ts';
import type { Image } from './images.ts';

/** MiB. */
export interface LeastMemory {
  /** The least that boots until all containers are ready, by way of booting. */
  least: Record<string, number>;
}

/** MiB that nothing else can have, of a machine of 512 MiB where nothing happens. */
export interface MemoryReport extends LeastMemory {
  /** With all containers. */
  used?: number;
  /** The OS without containers, and what each of them adds. */
  os?: number;
  container?: number;
}

/** In virtual time, which is the same everywhere. A boot that panics, or takes `limit` wall clock seconds, is none. */
export async function leastMemory(image: Image, scratch: string, limit = 120): Promise<LeastMemory> {
  const found: Record<string, number> = {};
  for (const boot of ['direct', 'iso-bios'] as const) {
    const boots = (memory: number): Promise<boolean> =>
      bootOnce(image, boot, { clock: 'virtual', scratch, memory, limit }).then(
        () => true,
        (error: Error) => {
          console.log(`${image.name} ${boot}, ${memory} MiB: no: ${error.message.trimEnd().split('\n').at(-1)}`);
          return false;
        },
      );
    const mib = await least(boots, { low: 32, high: 512, step: 4 });
    if (mib !== undefined) found[boot] = mib;
  }
  return { least: found };
}

/** What the guest itself reports. */
export async function idleMemory(image: Image, scratch: string): Promise<Omit<MemoryReport, 'least'>> {
  const { report } = await bootOnce(image, 'direct', { clock: 'virtual', scratch, read: untilAlone(image) });
  const told = readGuestReport(report);
  const shares = memoryShares(told);
  return { ...(told.memory ? { used: told.memory.usedKiB / 1024 } : {}), ...(shares ? { os: shares.os / 1024, container: shares.container / 1024 } : {}) };
}

/** Until the guest has told its memory with containers, and without. */
function untilAlone({ read }: Image): Reader {
  return (files) => (readGuestReport(files.report).memoryAlone ? read(files) : undefined);
}

/**
 * The least multiple of `step` between `low` and `high` with which `boots` is true, taking for granted that more memory
 * never hurts; undefined when `high` is not enough.
 *
 * @example
 * await least(async (mib) => mib >= 61, { low: 32, high: 256, step: 4 }); // 64
 */
export async function least(boots: (mib: number) => Promise<boolean>, range: { low: number; high: number; step: number }): Promise<number | undefined> {
  const { low, high, step } = range;
  let [no, yes] = [Math.floor(low / step) - 1, Math.ceil(high / step)];
  if (!(await boots(yes * step))) return undefined;
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (await boots(middle * step)) yes = middle;
    else no = middle;
  }
  return yes * step;
}
