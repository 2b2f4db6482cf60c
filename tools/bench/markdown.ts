import type { BootCost } from './boot.ts';

/** Bytes. */
export interface Sizes {
  iso: number;
  kernel: number;
  initramfs: number;
}

interface ImageMeasurements {
  /** In virtual time. */
  boots: BootCost[];
  /** Wall clock seconds of boots of the ISO by BIOS until all containers were ready. */
  wall: number[];
  sizes: Sizes;
}

export interface Measurements {
  date: string;
  ours: ImageMeasurements;
  reference: ImageMeasurements;
}

/** The table for people: ours, the reference, and the ratio. */
export function toMarkdown({ date, ours, reference }: Measurements): string {
  const rows = [
    ...ours.boots.flatMap((cost) => {
      const other = reference.boots.find(({ boot }) => boot === cost.boot);
      const milestone = (title: string, key: 'init' | 'firstContainer' | 'allContainers'): string => row(`${cost.boot}: reset to ${title}`, cost[key], other?.[key], seconds);
      return [milestone('init', 'init'), milestone('first container', 'firstContainer'), milestone('all containers', 'allContainers')];
    }),
    row('iso-bios, wall clock until all containers, median', median(ours.wall), median(reference.wall), seconds),
    row('ISO', ours.sizes.iso, reference.sizes.iso, megabytes),
    row('kernel (bzImage)', ours.sizes.kernel, reference.sizes.kernel, megabytes),
  ];
  return `# Performance

Written by \`npm run bench\` on ${date}. The reference is the recipe of the report that this project grew from (\`os-images/seed-reference\`): defconfig,
gzip, default grub-mkrescue, one container without network. demo-os runs four containers on two networks, with a packet filter, volumes, user
namespaces and seccomp.

Times of a boot are virtual: one nanosecond an instruction (\`-icount shift=0,sleep=off\`), so they are the same on every machine. Wall clock is not.

| | demo-os | reference | ratio |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function row(title: string, ours: number | undefined, reference: number | undefined, format: (value: number) => string): string {
  const ratio = ours !== undefined && reference ? (ours / reference).toFixed(2) : '';
  return `| ${title} | ${ours === undefined ? '' : format(ours)} | ${reference === undefined ? '' : format(reference)} | ${ratio} |`;
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(1)} MB`;
}
