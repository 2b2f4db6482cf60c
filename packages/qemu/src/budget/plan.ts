import type { Milestones } from '../boot-cost.ts';
import type { Boot } from '../guest/machine.ts';
import type { BudgetOptions } from './schema.d.ts';

/** The plan, as JSON. */
export interface BudgetPlan {
  containers: string[];
  /** Limits by name of the figure, in the figure's unit. */
  limits: Record<string, number>;
  /** The boots with a limit. */
  boots: Boot[];
  /** MiB; null without a limit. */
  memoryToBoot: number | null;
  memoryUsed: boolean;
  record: string | null;
}

/** The milestones of a boot, as the table names them. */
export const MILESTONES: Record<keyof Milestones, string> = {
  init: 'init',
  firstContainer: 'first container',
  networked: 'first on a network',
  allContainers: 'all containers',
};

const MB = 1e6;

export function planBudget({ containers, limits, record }: BudgetOptions): BudgetPlan {
  const { layers = {}, boot = {}, memoryUsed, memoryToBoot } = limits;
  const flat: Record<string, number> = {};
  for (const part of ['iso', 'kernel', 'initramfs', 'rootfs'] as const) if (limits[part] !== undefined) flat[part] = limits[part] * MB;
  for (const [name, limit] of Object.entries(layers)) flat[`layer ${name}`] = limit * MB;
  for (const [way, milestones] of Object.entries(boot)) {
    for (const [key, limit] of Object.entries(milestones)) flat[bootFigure(way, key as keyof Milestones)] = limit;
  }
  if (memoryUsed !== undefined) flat[MEMORY_USED] = memoryUsed;
  const boots = Object.keys(boot) as Boot[];
  return { containers, limits: flat, boots, memoryToBoot: memoryToBoot ?? null, memoryUsed: memoryUsed !== undefined, record: record ?? null };
}

export const MEMORY_USED = 'memory in use';

export function bootFigure(boot: string, milestone: keyof Milestones): string {
  return `boot ${boot}: ${MILESTONES[milestone]}`;
}
