import { describe, expect, it } from 'vitest';
import { describe as tell, excesses, format, growth, rows, type Figures } from '../src/budget/figures.ts';
import { planBudget } from '../src/budget/plan.ts';

const figures: Figures = {
  iso: { value: 14_600_000, unit: 'bytes' },
  'layer cosctl': { value: 1_320_000, unit: 'bytes' },
  'layer busybox': { value: 1_230_000, unit: 'bytes' },
  'boot direct: init': { value: 0.225, unit: 's' },
  'memory in use': { value: 19.44, unit: 'MiB' },
};

describe('the plan', () => {
  it('has each limit under the name of its figure, in its unit', () => {
    const plan = planBudget({
      containers: ['web'],
      limits: { iso: 14.4, layers: { cosctl: 0.8 }, boot: { direct: { init: 0.24, allContainers: 1.5 } }, memoryUsed: 21, memoryToBoot: 60 },
      record: 'budget.json',
    });
    expect(plan).toEqual({
      containers: ['web'],
      limits: { iso: 14_400_000, 'layer cosctl': 800_000, 'boot direct: init': 0.24, 'boot direct: all containers': 1.5, 'memory in use': 21 },
      boots: ['direct'],
      memoryToBoot: 60,
      memoryUsed: true,
      record: 'budget.json',
    });
  });

  it('boots nothing for limits of size', () => {
    expect(planBudget({ containers: [], limits: { iso: 14 } })).toMatchObject({ boots: [], memoryToBoot: null, memoryUsed: false });
  });
});

describe('a figure over its limit', () => {
  it('is named with its value, the limit and the excess', () => {
    const over = excesses(figures, { iso: 14_400_000, 'layer busybox': 1_230_000, 'boot direct: init': 0.2, 'memory in use': 21 });
    expect(over.map(tell)).toEqual(['iso: 14.60 MB, limit 14.40 MB (+200.00 kB, 1.4 %)', 'boot direct: init: 0.225 s, limit 0.200 s (+0.025 s, 12.5 %)']);
  });

  it('has a mark in the table; a figure below its limit shows the remaining part', () => {
    expect(rows(figures, { iso: 14_400_000, 'memory in use': 21 })).toEqual([
      '✖ iso                14.60 MB  14.40 MB  -1.4 %',
      '  layer cosctl        1.32 MB',
      '  layer busybox       1.23 MB',
      '  boot direct: init   0.225 s',
      '  memory in use      19.4 MiB  21.0 MiB   7.4 %',
    ]);
  });
});

it('figures that grew are named, largest growth first, without noise', () => {
  const before: Figures = {
    ...figures,
    iso: { value: 14_000_000, unit: 'bytes' },
    'layer cosctl': { value: 790_000, unit: 'bytes' },
    'boot direct: init': { value: 0.224, unit: 's' },
  };
  expect(growth(figures, before)).toEqual(['layer cosctl: 790.00 kB → 1.32 MB (+530.00 kB, 67.1 %)', 'iso: 14.00 MB → 14.60 MB (+600.00 kB, 4.3 %)']);
  const { 'layer busybox': _, ...without } = figures;
  expect(growth(figures, without)).toEqual(['layer busybox: 0.00 B → 1.23 MB (+1.23 MB)']);
});

it('a size that grew by less than 1 % is named, because it can exceed the limit', () => {
  expect(growth(figures, { ...figures, iso: { value: 14_590_000, unit: 'bytes' } })).toEqual(['iso: 14.59 MB → 14.60 MB (+10.00 kB, 0.1 %)']);
});

it('a boot that is 10 ms longer did not grow: that is one tick of the guest', () => {
  expect(growth({ boot: { value: 0.587, unit: 's' } }, { boot: { value: 0.577, unit: 's' } })).toEqual([]);
});

it('small files are shown in kB', () => {
  expect(format(25_400, 'bytes')).toBe('25.40 kB');
});
