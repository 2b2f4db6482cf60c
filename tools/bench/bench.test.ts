import { readReport, type BootCost } from '@container-os/qemu';
import { describe, expect, it } from 'vitest';
import { disagreements, mean, type Boots } from './boot.ts';
import { timelineChart } from './chart.ts';
import { bootImages, bzImageEntries, peEntry, pvhEntry } from './entries.ts';
import { bootTimelines, toMarkdown, type Measurements } from './markdown.ts';
import { least } from './memory.ts';
import { readEntryMark, readMarks } from './readers.ts';
import { median, table } from './table.ts';

const cost = (init: number): BootCost => ({ boot: 'direct', init, firstContainer: 0.8, networked: 1.1, allContainers: 1.4, wallSeconds: 6 });

describe('the search for the least memory', () => {
  it.each([
    [32, 32],
    [61, 64],
    [64, 64],
    [255, 256],
  ])('%i MiB are enough: %i is the multiple of four', async (enough, found) => {
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

  it('are what stands in the place of a first instruction', () => {
    expect(readEntryMark({ console: 'SeaBIOS\r\nmark AAAAAAAADLJKMK', report: '' })).toBeUndefined();
    expect(readEntryMark({ console: 'SeaBIOS\r\nmark AAAAAAAADLJKMKAB', report: '' })?.init).toBeCloseTo(1.000000001, 12);
  });

  it('are the mean of the runs', () => {
    expect(mean([cost(0.249), cost(0.251)]).init).toBeCloseTo(0.25);
    expect(() => mean([])).toThrow('no run');
  });

  it('must agree to 1 %, or to the 10 ms in which the guest counts', () => {
    expect(disagreements('demo-os', [cost(2.48), cost(2.52)])).toEqual([]);
    expect(disagreements('demo-os', [cost(0.24), cost(0.256)])).toEqual([]);
    expect(disagreements('demo-os', [cost(0.24), cost(0.28)])).toEqual(['demo-os direct: init differs by 7.7 % from the mean: 0.240, 0.280 s']);
  });
});

describe('the first instruction', () => {
  it('of the boot loaders of an ISO', () => {
    const iso = Buffer.alloc(64 * 2048);
    iso.writeUInt32LE(20, 17 * 2048 + 0x47);
    const entry = (index: number, first: number, sector = 0): void => {
      iso[20 * 2048 + index * 32] = first;
      iso.writeUInt32LE(sector, 20 * 2048 + index * 32 + 8);
    };
    entry(1, 0x88, 30);
    entry(2, 0x91);
    entry(3, 0x88, 40);
    expect(() => bootImages(iso)).toThrow('BIOS and UEFI');
    iso[20 * 2048 + 65] = 0xef;
    expect(bootImages(iso)).toEqual({ bios: 30 * 2048, uefi: 40 * 2048 });
  });

  /** A PE program with a section of 0x100 bytes at 0x400 of the file and 0x1000 in memory, whose entry is its byte 16. */
  function pe(machine: number): Buffer {
    const file = Buffer.alloc(0x600);
    file.write('MZ');
    file.writeUInt32LE(0x80, 0x3c);
    file.write('PE\0\0', 0x80);
    file.writeUInt16LE(machine, 0x84);
    file.writeUInt16LE(1, 0x86);
    file.writeUInt16LE(0xf0, 0x94);
    file.writeUInt32LE(0x1010, 0x80 + 40);
    for (const [index, value] of [0x1000, 0x100, 0x400].entries()) file.writeUInt32LE(value, 0x80 + 24 + 0xf0 + 12 + index * 4);
    return file;
  }

  it('of a PE program for this processor, not of one for another', () => {
    expect(peEntry(Buffer.concat([Buffer.alloc(100), pe(0x14c), pe(0x8664)]), 50)).toBe(100 + 0x600 + 0x410);
    expect(() => peEntry(pe(0x14c), 0)).toThrow('no PE program');
  });

  it('of a bzImage, for each way in', () => {
    const kernel = Buffer.alloc(0x8000);
    expect(() => bzImageEntries(kernel)).toThrow('no bzImage');
    kernel.write('HdrS', 0x202);
    kernel[0x1f1] = 31;
    expect(bzImageEntries(kernel)).toEqual([0x4000, 0x4200]);
    kernel.writeUInt32LE(0x1000, 0x264);
    expect(bzImageEntries(kernel)).toEqual([0x4000, 0x4200, 0x5200]);
  });

  it('of a vmlinux, by its PVH note', () => {
    const kernel = Buffer.alloc(0x3000);
    kernel.writeBigUInt64LE(64n, 32);
    kernel.writeUInt16LE(56, 54);
    kernel.writeUInt16LE(2, 56);
    const segment = (index: number, type: number, ...values: [offset: number, address: number, physical: number, length: number]): void => {
      kernel.writeUInt32LE(type, 64 + index * 56);
      values.forEach((value, at) => kernel.writeBigUInt64LE(BigInt(value), 64 + index * 56 + 8 + at * 8));
    };
    segment(0, 1, 0x1000, 0, 0x1000000, 0x1000);
    segment(1, 4, 0x200, 0, 0, 40);
    // A note of another type, then that of the entry.
    for (const [index, value] of [4, 4, 5, 0, 0, 4, 4, 18, 0, 0x1000123].entries()) kernel.writeUInt32LE(value, 0x200 + index * 4);
    for (const at of [0x20c, 0x220]) kernel.write('Xen\0', at);
    expect(pvhEntry(kernel)).toBe(0x1123);
    kernel.writeUInt32LE(17, 0x21c);
    expect(() => pvhEntry(kernel)).toThrow('no PVH entry');
  });
});

describe('what is written', () => {
  const taken = { date: '2026-01-01', machine: '2 × a processor' };
  const ours: Boots = { virtual: [cost(0.25)], entrances: { direct: { kernel: 0.01 } }, wall: { 'iso-bios': [7, 5, 6] } };
  const reference: Boots = {
    virtual: [cost(2.5), { ...cost(2.9), boot: 'iso-bios' }],
    entrances: { 'iso-bios': { loader: 0.02, kernel: 0.4 } },
    wall: { 'iso-bios': [10] },
  };
  const measurements: Measurements = {
    image: 'an-os',
    boot: { ...taken, figures: { ours, reference, emptyInit: [cost(0.2)], accelerator: 'tcg (no access to /dev/kvm)' } },
    archivers: { ...taken, figures: [{ name: 'GNU cpio | gzip', wallSeconds: 10, cpuSeconds: 9, peakMiB: 3, megabytesPerSecond: 50, size: 2e8 }] },
  };

  it('is a table with ours, the reference and the ratio, and only of what was measured', () => {
    const text = toMarkdown(measurements);
    expect(text).toContain('|  | an-os | reference | ratio |');
    expect(text).toContain('| direct: init | 0.25 s | 2.50 s | 0.10 |');
    expect(text).toContain('| direct: limit: an empty init on the same kernel | 0.20 s |  |  |');
    expect(text).toContain('| iso-bios: wall clock under emulation, median | 6.00 s | 10.00 s | 0.60 |');
    expect(text).toContain('KVM was not measured: no access to /dev/kvm.');
    expect(text).not.toContain('## Memory');
    expect(text).not.toContain('did not agree:');
  });

  it('says what runs did not agree on', () => {
    const disagreements = ['demo-os direct: init differs'];
    expect(toMarkdown({ image: 'an-os', boot: { ...taken, figures: { ours, emptyInit: [], disagreements } } })).toContain(
      '\nRuns that did not agree, or did not end:\n\n- demo-os direct: init differs\n',
    );
  });

  it('has what a first kernel pays for ccache, where both were built', () => {
    const of = (cpuSeconds: number) => ({ cpuSeconds, wallSeconds: 1 });
    const figures = { cold: { kernel: of(1000), 'kernel-config': of(10) }, noop: of(1), containerFile: of(1), remote: of(1), symbol: of(80) };
    const row = /\| the first kernel, with an empty ccache, against one without ccache \| (\S+) × \|/;
    const ratio = (build: object): string | undefined => row.exec(toMarkdown({ image: 'an-os', build: { ...taken, figures: { ...figures, ...build } } }))?.[1];
    expect(ratio({ symbolWithoutCcache: of(918) })).toBe('1.10');
    expect(ratio({})).toBeUndefined();
  });

  it('has what an nx command takes that runs nothing, beside a build with nothing to do', () => {
    const of = (cpuSeconds: number) => ({ cpuSeconds, wallSeconds: cpuSeconds });
    const figures = { cold: {}, noop: of(2), show: of(1), containerFile: of(1), remote: of(1), symbol: of(80) };
    expect(toMarkdown({ image: 'an-os', build: { ...taken, figures } })).toContain(
      '| nothing changed | 2.0 s | 2.0 s | 1.5 s wall clock |\n| of which `nx show projects`, which runs nothing | 1.0 s | 1.0 s |  |\n',
    );
  });

  it('does without the reference', () => {
    const alone = { image: 'an-os', boot: { ...taken, figures: { ours, emptyInit: [] } } };
    expect(toMarkdown(alone)).toContain('| direct: init | 0.25 s |  |  |');
    expect(toMarkdown(alone)).toContain('KVM was not measured: it was not tried.');
    expect(bootTimelines(alone).map(({ name }) => name)).toEqual(['an-os, direct']);
  });

  it('has as many cells a line as its head, whatever is in them', () => {
    expect(table(['', 'speed'], [['GNU cpio | gzip', '50\nMB/s']])).toBe('|  | speed |\n| --- | --- |\n| GNU cpio \\| gzip | 50 MB/s |\n');
    expect(toMarkdown(measurements)).toContain('| GNU cpio \\| gzip | 10.00 s | 50 MB/s | 9.0 s | 3 MiB | 200.0 MB |');
  });

  it('is a chart with a bar for each boot, on one scale', () => {
    const chart = timelineChart(bootTimelines(measurements));
    expect(chart.match(/<rect [^>]*height="20"/g)).toHaveLength(12);
    expect(chart).toContain('<title>all containers: 1.40 s</title>');
    expect([...chart.matchAll(/24" text-anchor="start">([^<]*)/g)].map(([, name]) => name)).toEqual([
      'firmware',
      'boot loader',
      'kernel',
      'first container',
      'all containers',
    ]);
  });

  it('is a chart whatever names there are, and without a boot', () => {
    expect(timelineChart([{ name: '<&">', ends: [{ name: 'x', at: 1 }] }])).toContain('&lt;&amp;&quot;&gt;');
    expect(timelineChart([])).not.toMatch(/NaN|Infinity/);
  });

  it('has the middle one for the median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([])).toBeUndefined();
  });
});
