import type { BootCost } from '@container-os/qemu';
import type { Packing } from './archivers.ts';
import type { BuildReport } from './build.ts';
import type { Timeline } from './chart.ts';
import type { Cost } from './command.ts';
import type { MemoryReport } from './memory.ts';
import type { Sizes } from './size.ts';

interface Boots {
  virtual: BootCost[];
  /** Wall clock seconds of boots of the ISO by BIOS until all containers were ready. */
  wall: number[];
}

/** When and where figures were taken. */
interface Taken<Figures> {
  /** ISO 8601. */
  date: string;
  /** Its processors. */
  machine: string;
  figures: Figures;
}

interface Pair<Figures> {
  ours: Figures;
  reference: Figures;
}

/** The content of docs/performance.json: each part as it was measured last. */
export interface Measurements {
  boot?: Taken<Pair<Boots> & { emptyInit: BootCost[] }>;
  size?: Taken<Pair<Sizes>>;
  memory?: Taken<Pair<MemoryReport>>;
  archivers?: Taken<Packing[]>;
  build?: Taken<BuildReport>;
}

export type Part = keyof Measurements;

/** docs/performance.md: ours, the reference and the ratio. */
export function toMarkdown(measurements: Measurements): string {
  const sections = [bootSection, sizeSection, memorySection, archiversSection, buildSection].map((section) => section(measurements)).filter((one) => one !== '');
  return `# Performance

Written by \`npm run bench\` (\`tools/bench/bench.ts\` says what its options are); the figures are in [performance.json](performance.json). The
reference is the recipe of the report that this project grew from ([os-images/seed-reference](../os-images/seed-reference)), on the same sources:
defconfig and the symbols without which it cannot run a container, BusyBox, gzip, default grub-mkrescue, one container without network, isolation
or supervision. demo-os runs four containers on two networks, with a packet filter, volumes, user namespaces and seccomp. Both get the same
virtual machine.

${sections.join('\n')}`;
}

/** What the chart shows: each way to boot, of both images. */
export function bootTimelines({ boot }: Measurements): Timeline[] {
  if (!boot) return [];
  const timeline = (name: string, { boot: way, init, networked, allContainers }: BootCost): Timeline => ({
    name: `${name}, ${way}`,
    ends: [{ name: 'init', at: init }, { name: 'first on a network', at: networked }, { name: 'all containers', at: allContainers }],
  });
  const { ours, reference } = boot.figures;
  return ours.virtual.flatMap((cost, index) => [timeline('demo-os', cost), ...reference.virtual.slice(index, index + 1).map((other) => timeline('reference', other))]);
}

function bootSection({ boot }: Measurements): string {
  if (!boot) return '';
  const { ours, reference, emptyInit } = boot.figures;
  const rows = ours.virtual.flatMap((cost) => {
    const other = reference.virtual.find(({ boot: way }) => way === cost.boot);
    const empty = emptyInit.find(({ boot: way }) => way === cost.boot);
    const milestone = (title: string, key: 'init' | 'firstContainer' | 'networked' | 'allContainers'): string => row(`${cost.boot}: ${title}`, cost[key], other?.[key], seconds);
    return [
      ...(empty ? [row(`${cost.boot}: an empty init on the same kernel (limit)`, empty.init, undefined, seconds)] : []),
      milestone('init', 'init'), milestone('first container', 'firstContainer'), milestone('first container on a network', 'networked'), milestone('all containers', 'allContainers'),
    ];
  });
  rows.push(row('iso-bios, wall clock until all containers, median', median(ours.wall), median(reference.wall), seconds));
  return section('Boot', boot, `Seconds since reset of virtual time, one nanosecond an instruction and one processor (\`-icount shift=0,sleep=off\`): the same on every
machine, but for a few milliseconds where the guest waits for a disk. The mean of three runs. Wall clock is this machine's, under emulation; KVM does
not boot an ordinary guest here.

![Boot timelines](boot-timeline.svg)
`, ['', 'demo-os', 'reference', 'ratio'], rows);
}

function sizeSection({ size }: Measurements): string {
  if (!size) return '';
  const { ours, reference } = size.figures;
  const rows = (['iso', 'kernel', 'initramfs', 'rootfs'] as const).map((key) => row(({ iso: 'ISO', kernel: 'kernel (bzImage)', initramfs: 'initramfs', rootfs: 'root file system (squashfs)' })[key], ours[key], reference[key], megabytes));
  const named = (title: string, list: Sizes['layers']): string => `\n${table([title, 'uncompressed'], (list ?? []).map(({ name, bytes }) => `| ${name} | ${megabytes(bytes)} |`))}`;
  return section('Size', size, '', ['', 'demo-os', 'reference', 'ratio'], rows) + named('layer of demo-os', ours.layers) + named('largest files', ours.files);
}

function memorySection({ memory }: Measurements): string {
  if (!memory) return '';
  const { ours, reference } = memory.figures;
  const rows = Object.entries(ours.least).map(([boot, mib]) => row(`${boot}: least that boots until all containers are ready`, mib, reference.least[boot], mebibytes));
  if (ours.os !== undefined) rows.push(row('used by the OS, without containers', ours.os / 1024, undefined, mebibytes));
  if (ours.container !== undefined) rows.push(row('used by each idle container', ours.container / 1024, undefined, mebibytes));
  return section('Memory', memory, '', ['', 'demo-os', 'reference', 'ratio'], rows);
}

function archiversSection({ archivers }: Measurements): string {
  if (!archivers) return '';
  const rows = archivers.figures.map(({ name, megabytesPerSecond, cpuSeconds, peakMiB, size }) => `| ${name.replaceAll('|', '\\|')} | ${megabytesPerSecond.toFixed(0)} MB/s | ${cpuSeconds.toFixed(1)} s | ${peakMiB.toFixed(0)} MiB | ${megabytes(size)} |`);
  return section('Packing a tree of 500 MB', archivers, 'Each in a process of its own, its start included, in the page cache; the fastest of three runs.\n', ['', 'speed', 'CPU', 'peak memory', 'archive'], rows);
}

function buildSection({ build }: Measurements): string {
  if (!build) return '';
  const { cold, noop, containerFile, remote, symbol } = build.figures;
  const cost = (title: string, { wallSeconds, cpuSeconds }: Cost): string => `| ${title} | ${cpuSeconds.toFixed(1)} s | ${wallSeconds.toFixed(1)} s |`;
  const rows = [
    cost('nothing changed', noop), cost('one file of a container changed, to the new ISO', containerFile), cost('one kernel symbol changed, ccache warm, to the new kernel', symbol),
    cost('all from the remote cache, in a new clone', remote), ...Object.entries(cold).map(([target, one]) => cost(`cold: ${target}`, one)),
  ];
  return section('Building', build, 'By `npx nx`, without its daemon; its start, of 1 to 2 s, is in each figure. Sources are there.\n', ['', 'CPU', 'wall clock'], rows);
}

function section(title: string, { date, machine }: Taken<unknown>, text: string, head: string[], rows: string[]): string {
  return `## ${title}\n\nMeasured on ${date}, ${machine}.${text === '' ? '' : ` ${text}`}\n\n${table(head, rows)}`.replace(/\n{3,}/g, '\n\n');
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}\n${rows.join('\n')}\n`;
}

function row(title: string, ours: number | undefined, reference: number | undefined, format: (value: number) => string): string {
  const ratio = ours !== undefined && reference ? (ours / reference).toFixed(2) : '';
  return `| ${title} | ${ours === undefined ? '' : format(ours)} | ${reference === undefined ? '' : format(reference)} | ${ratio} |`;
}

export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(value < 1e5 ? 2 : 1)} MB`;
}

function mebibytes(value: number): string {
  return `${Number(value.toFixed(1))} MiB`;
}
