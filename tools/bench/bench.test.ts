import { readReport, type BootCost } from '@container-os/qemu';
import { describe, expect, it, vi } from 'vitest';
import { agree, readMarks } from './boot.ts';
import { timelineChart } from './chart.ts';
import { bootTimelines, median, toMarkdown, type Measurements } from './markdown.ts';
import { least } from './memory.ts';

const cost = (init: number): BootCost => ({ boot: 'direct', init, firstContainer: 0.8, networked: 1.1, allContainers: 1.4, wallSeconds: 6 });

describe('the search for the least memory', () => {
  it.each([[32, 32], [61, 64], [64, 64], [255, 256]])('%i MiB are enough: %i is the multiple of four', async (enough, found) => {
    const asked: number[] = [];
    expect(await least((mib) => Promise.resolve(asked.push(mib) > 0 && mib >= enough), { low: 32, high: 256, step: 4 })).toBe(found);
    expect(asked.length).toBeLessThan(9);
  });

  it('finds nothing where all of it is not enough', async () => {
    expect(await least(() => Promise.resolve(false), { low: 32, high: 256, step: 4 })).toBeUndefined();
  });
});

describe('milestones of a boot', () => {
  const containers = [
    { event: 'container', uptime: 0.9, name: 'counter', status: 'running', address: '' },
    { event: 'container', uptime: 1.3, name: 'web', status: 'running', address: '10.22.0.2' },
  ];
  const reset = { event: 'fact', uptime: 1.6, name: 'reset', counter: 250_000_000, seconds: 0.35 };
  const report = (events: object[]): { console: string; report: string } => ({ console: '', report: events.map((event) => JSON.stringify(event)).join('\n') });

  it('are in seconds since reset, by the counter that stands beside an uptime', () => {
    const found = readReport(['counter', 'web'])(report([...containers, reset]));
    const rounded = Object.fromEntries(Object.entries(found ?? {}).map(([key, value]) => [key, Math.round(Number(value) * 1000)]));
    expect(rounded).toEqual({ init: 250, firstContainer: 800, networked: 1200, allContainers: 1200 });
  });

  it('are found in a report that is being written', () => {
    const { report: text } = report([...containers, reset]);
    expect(readReport(['counter', 'web'])({ console: '', report: `${text}\n{"event":"fact","value":{"totalKiB":1}` })).toMatchObject({ init: 0.25 });
  });

  it('are those of init where there is no container', () => {
    expect(readReport([])(report([reset]))).toEqual({ init: 0.25, firstContainer: 0.25, networked: 0.25, allContainers: 0.25 });
  });

  it('are there when all containers run', () => {
    expect(readReport(['counter', 'web'])(report([...containers.slice(1), reset]))).toBeUndefined();
    expect(readReport(['counter', 'web'])(report(containers))).toBeUndefined();
  });

  it('are marks on the console of an image without report', () => {
    expect(readMarks({ console: 'init at TSC 2500000000\r\n', report: '' })).toBeUndefined();
    expect(readMarks({ console: 'init at TSC 2500000000\ncontainer at TSC 2600000000\n', report: '' })).toMatchObject({ init: 2.5, firstContainer: 2.6 });
  });

  it('are the mean of the runs, and it is said when these differ by more than 1 %', () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    expect(agree([cost(0.249), cost(0.251)]).init).toBeCloseTo(0.25);
    expect(log).not.toHaveBeenCalled();
    agree([cost(0.24), cost(0.26)]);
    expect(log).toHaveBeenCalledWith('direct: init differs by 4.0 % from the mean: 0.240, 0.260 s');
  });
});

describe('what is written', () => {
  const taken = { date: '2026-01-01', machine: '2 × a processor' };
  const measurements: Measurements = {
    boot: { ...taken, figures: { ours: { virtual: [cost(0.25)], wall: [7, 5, 6] }, reference: { virtual: [cost(2.5)], wall: [10] }, emptyInit: [cost(0.2)] } },
    archivers: { ...taken, figures: [{ name: 'GNU cpio | gzip', wallSeconds: 10, cpuSeconds: 9, peakMiB: 3, megabytesPerSecond: 50, size: 2e8 }] },
  };

  it('is a table with ours, the reference and the ratio, and only of what was measured', () => {
    const text = toMarkdown(measurements);
    expect(text).toContain('| direct: init | 0.25 s | 2.50 s | 0.10 |');
    expect(text).toContain('| direct: an empty init on the same kernel (limit) | 0.20 s |  |  |');
    expect(text).toContain('| iso-bios, wall clock until all containers, median | 6.00 s | 10.00 s | 0.60 |');
    expect(text).toContain('| GNU cpio \\| gzip | 50 MB/s |');
    expect(text).not.toContain('## Memory');
  });

  it('is a chart with a bar for each boot, on one scale', () => {
    const chart = timelineChart(bootTimelines(measurements));
    expect(chart.match(/<rect [^>]*height="20"/g)).toHaveLength(6);
    expect(chart).toContain('<title>all containers: 1.40 s</title>');
    expect(timelineChart([{ name: '<&>', ends: [{ name: 'x', at: 1 }] }])).toContain('&lt;&amp;&gt;');
  });

  it('has the middle one for the median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([])).toBeUndefined();
  });
});
