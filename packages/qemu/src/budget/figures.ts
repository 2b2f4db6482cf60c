import { columns, formatBytes } from '@container-os/core';

/** Measured figures by name: `iso`, `layer busybox`, `boot direct: init`. */
export type Figures = Record<string, Figure>;

export interface Figure {
  value: number;
  unit: Unit;
}

/** `bytes` for sizes, `s` for seconds since reset, `MiB` for memory. */
export type Unit = 'bytes' | 's' | 'MiB';

/** A figure over its limit. */
export interface Excess {
  name: string;
  found: Figure;
  limit: number;
}

/** The figures over their limits. Limits are in the unit of the figure. */
export function excesses(figures: Figures, limits: Readonly<Record<string, number>>): Excess[] {
  return Object.entries(limits).flatMap(([name, limit]) => {
    const found = figures[name];
    return found && found.value > limit ? [{ name, found, limit }] : [];
  });
}

/**
 * Smaller differences are noise: up to two of the guest's 10 ms ticks, and what its kernel happens to cache. Sizes have no noise:
 * whoever is a few kB over a limit wants to know about them.
 */
const NOISE: Record<Unit, number> = { bytes: 0, s: 0.02, MiB: 0.2 };

/** The figures that grew by more than noise since `before`, largest proportion first; a new figure grew from 0. */
export function growth(figures: Figures, before: Figures): string[] {
  const grown = Object.entries(figures).flatMap(([name, { value, unit }]) => {
    const was = before[name]?.value ?? 0;
    return value - was > NOISE[unit] ? [{ name, unit, value, was }] : [];
  });
  grown.sort((a, b) => b.value / (b.was || 1) - a.value / (a.was || 1));
  return grown.map(({ name, unit, value, was }) => `${name}: ${format(was, unit)} → ${format(value, unit)} (${difference(value, was, unit)})`);
}

/** `iso: 14.60 MB, limit 14.40 MB (+0.20 MB, 1.4 %)`. */
export function describe({ name, found: { value, unit }, limit }: Excess): string {
  return `${name}: ${format(value, unit)}, limit ${format(limit, unit)} (${difference(value, limit, unit)})`;
}

function difference(value: number, other: number, unit: Unit): string {
  return `+${format(value - other, unit)}${other > 0 ? `, ${((value / other - 1) * 100).toFixed(1)} %` : ''}`;
}

/** One line per figure: name, value, limit and remaining part. */
export function rows(figures: Figures, limits: Readonly<Record<string, number>>): string[] {
  const cells = Object.entries(figures).map(([name, { value, unit }]) => {
    const limit = limits[name];
    const rest = limit === undefined ? [] : [format(limit, unit), `${((1 - value / limit) * 100).toFixed(1)} %`];
    return [`${limit !== undefined && value > limit ? '✖' : ' '} ${name}`, format(value, unit), ...rest];
  });
  return columns(cells, [1, 2, 3]);
}

export function format(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    case 's':
      return `${value.toFixed(3)} s`;
    case 'MiB':
      return `${value.toFixed(1)} MiB`;
  }
}
