/** MiB. */
export interface MemoryReport {
  /** The least that boots until all containers are ready, by way of booting. */
  least: Record<string, number>;
  /** What the OS uses without containers, and what each of them adds, when they have nothing to do. */
  os?: number;
  container?: number;
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
