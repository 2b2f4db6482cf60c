import type { BootCost, Milestones, Reader } from '@container-os/qemu';

/** Of the mean. */
const AGREEMENT = 0.01;
/** Seconds, of /proc/uptime. */
const TICK = 0.01;

/** Of runs of one boot: their mean. Says so when one is off by more than 1 % and more than the 10 ms in which the guest counts. */
export function agree(runs: readonly BootCost[]): BootCost {
  const [first] = runs;
  if (!first) throw new Error('no run');
  const mean = (key: keyof Milestones | 'wallSeconds'): number => runs.reduce((sum, run) => sum + run[key], 0) / runs.length;
  const keys = ['init', 'firstContainer', 'networked', 'allContainers'] as const;
  for (const key of keys) {
    const off = Math.max(...runs.map((run) => Math.abs(run[key] / mean(key) - 1)));
    const values = runs.map((run) => run[key].toFixed(3)).join(', ');
    if (off > AGREEMENT && off * mean(key) > TICK) console.log(`${first.boot}: ${key} differs by ${(off * 100).toFixed(1)} % from the mean: ${values} s`);
  }
  return { ...first, ...Object.fromEntries([...keys, 'wallSeconds' as const].map((key) => [key, mean(key)])) };
}

/** Reads `init at TSC N` and `container at TSC N` on the console, as tsc.c prints them. */
export const readMarks: Reader = ({ console: text }) => {
  const [init, container] = ['init', 'container'].map((name) => new RegExp(`^${name} at TSC (\\d+)`, 'm').exec(text)?.[1]);
  if (!init || !container) return undefined;
  const ready = Number(container) / 1e9;
  return { init: Number(init) / 1e9, firstContainer: ready, networked: ready, allContainers: ready };
};
