import type { Boot, BootCost } from '@container-os/qemu';
import type { Packing } from './archivers.ts';
import { BOOTS, type Boots } from './boot.ts';
import type { BuildReport } from './build.ts';
import type { Timeline } from './chart.ts';
import type { Cost } from './command.ts';
import type { MemoryReport } from './memory.ts';
import type { Named, Sizes } from './size.ts';
import { comparison, median, mebibytes, megabytes, seconds, table, type Row } from './table.ts';

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
  reference?: Figures;
}

interface BootFigures extends Pair<Boots> {
  /** The image's kernel with an init that does nothing: until it begins, and (all other milestones) until it read the root file system's bytes. */
  emptyInit: BootCost[];
  /** What boots by wall clock ran on, and where KVM did not work, why: `tcg (no access to /dev/kvm)`; `tcg` where it was not tried. */
  accelerator?: string;
  /** What runs did not agree on that should. */
  disagreements?: string[];
}

/** The content of docs/performance.json: each part as it was measured last. */
export interface Measurements {
  /** Its name. */
  image: string;
  boot?: Taken<BootFigures>;
  size?: Taken<Pair<Sizes>>;
  memory?: Taken<Pair<MemoryReport>>;
  archivers?: Taken<Packing[]>;
  build?: Taken<BuildReport>;
}

export type Part = Exclude<keyof Measurements, 'image'>;

export const PARTS: Part[] = ['size', 'boot', 'memory', 'archivers', 'build'];

/** docs/performance.md: ours, the reference and the ratio. */
export function toMarkdown(measurements: Measurements): string {
  const sections = [bootSection, sizeSection, memorySection, archiversSection, buildSection]
    .map((section) => section(measurements))
    .filter((one) => one !== '');
  return `# Performance

\`npm run bench\` writes this file: it builds both images and measures them. \`npm run bench -- --only=size,boot\` measures only these parts;
\`tools/bench/bench.ts\` lists all options. The figures are in [performance.json](performance.json). The reference is the recipe from which this
project grew ([tools/bench/seed-reference](../tools/bench/seed-reference)), on the same sources: defconfig and the symbols without which
it cannot run a container, BusyBox, gzip, default grub-mkrescue, one container without network, isolation or supervision. ${measurements.image} runs all
its containers, on networks, with a packet filter, volumes, user namespaces and seccomp. Both get the same virtual machine.

${sections.join('\n')}`;
}

/** What the chart shows: each way to boot, of both images. */
export function bootTimelines({ image: name, boot }: Measurements): Timeline[] {
  if (!boot) return [];
  const { ours, reference } = boot.figures;
  const timeline = (image: string, boots: Boots | undefined, way: Boot): Timeline[] => {
    const cost = boots?.virtual.find((one) => one.boot === way);
    if (!cost) return [];
    const { loader, kernel } = boots?.entrances[way] ?? {};
    const ends = [
      ['firmware', loader],
      ['boot loader', kernel],
      ['kernel', cost.init],
      ['first container', cost.firstContainer],
      ['all containers', cost.allContainers],
    ] as const;
    // Without boot loader the firmware hands over to the kernel.
    const named = ends.map(([name, at]) => ({ name: name === 'boot loader' && loader === undefined ? 'firmware' : name, at }));
    return [{ name: `${image}, ${way}`, ends: named.flatMap(({ name, at }) => (at === undefined ? [] : [{ name, at }])) }];
  };
  return BOOTS.flatMap((way) => [...timeline(name, ours, way), ...timeline('reference', reference, way)]);
}

function bootSection({ image, boot }: Measurements): string {
  if (!boot) return '';
  const { ours, reference, emptyInit, accelerator, disagreements = [] } = boot.figures;
  const rows = BOOTS.flatMap((way): Row[] => {
    const [one, other, empty] = [ours.virtual, reference?.virtual, emptyInit].map((costs) => costs?.find((cost) => cost.boot === way));
    const [entrance, otherEntrance] = [ours.entrances[way], reference?.entrances[way]];
    const row = (title: string, a: number | undefined, b?: number): Row[] =>
      a === undefined ? [] : [{ title: `${way}: ${title}`, ours: a, reference: b, format: seconds }];
    return [
      ...row('boot loader begins', entrance?.loader, otherEntrance?.loader),
      ...row('kernel begins', entrance?.kernel, otherEntrance?.kernel),
      ...row('limit: an empty init on the same kernel', empty?.init),
      ...row('init', one?.init, other?.init),
      ...row('limit: the empty init has read the bytes of the root file system once', empty?.allContainers),
      ...row('first container', one?.firstContainer, other?.firstContainer),
      ...row('first container on a network', one?.networked, other?.networked),
      ...row('all containers', one?.allContainers, other?.allContainers),
    ];
  });
  const wall = (name: string, a: Boots['wall'] | undefined, b: Boots['wall'] | undefined): Row[] =>
    BOOTS.filter((way) => a?.[way]).map((way) => ({
      title: `${way}: wall clock ${name}, median`,
      ours: median(a?.[way] ?? []),
      reference: median(b?.[way] ?? []),
      format: seconds,
    }));
  rows.push(...wall('under emulation', ours.wall, reference?.wall), ...wall('by KVM', ours.kvm, reference?.kvm));
  const kvm = ours.kvm ? '' : ` KVM was not measured: ${/\((.+)\)/.exec(accelerator ?? '')?.[1] ?? 'it was not tried'}.`;
  return section(
    'Boot',
    boot,
    `Times are seconds of virtual time since reset, with one nanosecond per instruction and one processor (\`-icount shift=0,sleep=off\`): the same on every
machine, except for a few milliseconds when the guest waits for a disk. Each figure is the mean of three runs, which must agree to 1 % or to the guest's
tick of 10 ms; otherwise the bench fails and lists the runs below. A boot loader or kernel begins with its first instruction, when the firmware or the boot
loader has ended; a direct boot has no boot loader. init is the first program of the initramfs. A container counts from the moment when it runs, the
reference's when it prints. Wall clock is the time on this machine until all containers run.${kvm}

![Boot timelines](boot-timeline.svg)
`,
    comparison(rows, image) +
      (disagreements.length > 0 ? `\nRuns that did not agree, or did not end:\n\n${disagreements.map((one) => `- ${one}\n`).join('')}` : ''),
  );
}

function sizeSection({ image, size }: Measurements): string {
  if (!size) return '';
  const { ours, reference } = size.figures;
  const titles = { iso: 'ISO', kernel: 'kernel (bzImage)', initramfs: 'initramfs', rootfs: 'root file system (squashfs)' };
  const rows = (['iso', 'kernel', 'initramfs', 'rootfs'] as const).map((key): Row => ({
    title: titles[key],
    ours: ours[key],
    reference: reference?.[key],
    format: megabytes,
  }));
  const whole = (ours.layers ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  const named = (title: string, list: Named[] | undefined, all: number, unit: string): string =>
    list === undefined
      ? ''
      : `\n${table(
          [title, unit, 'share'],
          list.map(({ name, bytes }) => [name, megabytes(bytes), `${((bytes / all) * 100).toFixed(1)} %`]),
        )}`;
  return (
    section('Size', size, '', comparison(rows, image)) +
    named('part of the ISO', ours.parts, ours.iso, 'size') +
    named('layer of the root file system', ours.layers, whole, 'uncompressed') +
    named('largest files', ours.files, whole, 'uncompressed')
  );
}

function memorySection({ image, memory }: Measurements): string {
  if (!memory) return '';
  const { ours, reference } = memory.figures;
  const rows = Object.entries(ours.least).map(([boot, mib]): Row => ({
    title: `${boot}: least that boots until all containers are ready`,
    ours: mib,
    reference: reference?.least[boot],
    format: mebibytes,
  }));
  const used = [
    ['used', 'used when nothing happens, with all containers'],
    ['os', 'of which by the OS without containers'],
    ['container', 'of which by each container'],
  ] as const;
  for (const [key, title] of used) if (ours[key] !== undefined) rows.push({ title, ours: ours[key], format: mebibytes });
  return section(
    'Memory',
    memory,
    'The least memory is searched in steps of 4 MiB. Memory in use is what the guest cannot reclaim, of 512 MiB.\n',
    comparison(rows, image),
  );
}

function archiversSection({ archivers }: Measurements): string {
  if (!archivers) return '';
  const rows = archivers.figures.map(({ name, wallSeconds, megabytesPerSecond, cpuSeconds, peakMiB, size }) => [
    name,
    seconds(wallSeconds),
    megabytesPerSecond === 0 ? '' : `${megabytesPerSecond.toFixed(0)} MB/s`,
    `${cpuSeconds.toFixed(1)} s`,
    `${peakMiB.toFixed(0)} MiB`,
    megabytes(size),
  ]);
  return section(
    'Packing a tree of 500 MB',
    archivers,
    `Each packer runs in processes of its own, start included, with the tree in the page cache; the fastest of three runs counts. Peak memory is that of the
largest process. The tree has 31,000 files; half of the bytes are in files of 8 kB.
`,
    table(['', 'wall clock', 'speed', 'CPU', 'peak memory', 'archive'], rows),
  );
}

function buildSection({ build }: Measurements): string {
  if (!build) return '';
  const { cold, noop, show, containerFile, remote, symbol, symbolWithoutCcache } = build.figures;
  const row = (title: string, { cpuSeconds, wallSeconds }: Cost, aim = ''): string[] => [
    title,
    `${cpuSeconds.toFixed(1)} s`,
    `${wallSeconds.toFixed(1)} s`,
    aim,
  ];
  const rows = [
    row('nothing changed', noop, '1.5 s wall clock'),
    ...(show ? [row('of which `nx show projects`, which runs nothing', show)] : []),
    row('one file of a container changed, to the new ISO', containerFile, '5 s wall clock'),
    row('one kernel symbol changed, to the new kernel, ccache warm', symbol, '250 s CPU'),
    ...(symbolWithoutCcache ? [row('one kernel symbol changed, to the new kernel, without ccache', symbolWithoutCcache)] : []),
    ...launcherRows(build.figures),
    row('all from the remote cache, in a new clone', remote),
    ...Object.entries(cold).map(([target, cost]) => row(`cold: ${target}`, cost, target === 'kernel' ? '1000 s CPU' : '')),
  ];
  return section(
    'Building',
    build,
    `Builds run with \`npx nx\` without its daemon; each figure includes its start of 1 to 2 s. Cold builds have an empty Nx cache and an empty ccache, and
upload their results to a remote cache on this machine; the sources are fetched already.
`,
    table(['', 'CPU', 'wall clock', 'aim'], rows),
  );
}

/** What the first build of a kernel pays for ccache, where a cold kernel was asked for. */
function launcherRows({ cold, symbolWithoutCcache }: BuildReport): string[][] {
  const [kernel, config] = [cold['kernel'], cold['kernel-config']];
  if (!kernel || !config || !symbolWithoutCcache) return [];
  const ratio = (kernel.cpuSeconds + config.cpuSeconds) / symbolWithoutCcache.cpuSeconds;
  return [['the first kernel, with an empty ccache, against one without ccache', `${ratio.toFixed(2)} ×`, '', '1.15 × CPU']];
}

function section(title: string, { date, machine }: Taken<unknown>, text: string, content: string): string {
  return `## ${title}\n\nMeasured on ${date}, ${machine}.${text === '' ? '' : ` ${text}`}\n\n${content}`.replace(/\n{3,}/g, '\n\n');
}
