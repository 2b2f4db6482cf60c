import { BuildError } from '@container-os/core';
import { bootCost, type Accelerator, type Boot, type BootCost, type Milestones, type Reader } from '@container-os/qemu';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markedImage, type Entrance, type Image } from './images.ts';

export const BOOTS: Boot[] = ['direct', 'iso-bios', 'iso-uefi'];

/** As in the recipe: MiB. */
export const MEMORY = 512;

/** Seconds since reset until the first instruction of the boot loader, where there is one, and of the kernel. */
export interface Entrances {
  loader?: number;
  kernel: number;
}

/** What an image costs to boot. Lists are in the order of {@link BOOTS}. */
export interface Boots {
  virtual: BootCost[];
  entrances: Partial<Record<Boot, Entrances>>;
  /** Wall clock seconds of single boots until all containers were ready, under emulation. */
  wall: Partial<Record<Boot, number[]>>;
  /** The same by KVM, where it works. */
  kvm?: Partial<Record<Boot, number[]>>;
}

export interface Rounds {
  /** Of each boot in virtual time. */
  virtual: number;
  /** Of each boot by wall clock. */
  wall: number;
  /** For wall clocks, beside emulation. */
  accelerator: Accelerator;
  /** A directory. */
  scratch: string;
  /** Is told what runs did not agree on. */
  complain: (disagreement: string) => void;
}

/** Boots `image` in every way. */
export async function measureBoots(image: Image, rounds: Rounds): Promise<Boots> {
  const result: Boots = { virtual: [], entrances: {}, wall: {} };
  for (const boot of BOOTS) {
    result.virtual.push(await virtual(image, boot, rounds));
    const entrance = async (which: Entrance): Promise<number> => (await virtual(await markedImage(image, boot, which, rounds.scratch), boot, rounds)).init;
    result.entrances[boot] = { ...(boot === 'direct' ? {} : { loader: await entrance('loader') }), kernel: await entrance('kernel') };
    result.wall[boot] = await wall(image, boot, 'tcg', rounds);
    if (rounds.accelerator === 'kvm') (result.kvm ??= {})[boot] = await wall(image, boot, 'kvm', rounds);
  }
  return result;
}

/** The mean of so many boots in virtual time. */
export async function virtual(image: Image, boot: Boot, { virtual: count, scratch, complain }: Rounds): Promise<BootCost> {
  const runs: BootCost[] = [];
  for (let round = 0; round < count; round++) runs.push((await bootOnce(image, boot, { clock: 'virtual', scratch })).cost);
  disagreements(image.name, runs).forEach(complain);
  return mean(runs);
}

/** A boot that ends in a panic, as that of a busy emulator sometimes does, is told and does not count. */
async function wall(image: Image, boot: Boot, accelerator: Accelerator, { wall: count, scratch, complain }: Rounds): Promise<number[]> {
  const runs: number[] = [];
  for (let round = 0; round < count; round++) {
    const cost = await bootOnce(image, boot, { clock: 'real', accelerator, scratch, limit: 120 }).then(
      (one) => one.cost,
      (error: Error) => {
        if (!(error instanceof BuildError) || error.code !== 'BOOT_INCOMPLETE') throw error;
        complain(`${image.name} ${boot}: a boot by wall clock did not end: ${error.message.trimEnd().split('\n').at(-1)}`);
      },
    );
    if (cost) runs.push(cost.wallSeconds);
  }
  return runs;
}

export interface BootOptions {
  clock: 'virtual' | 'real';
  scratch: string;
  accelerator?: Accelerator;
  /** MiB. */
  memory?: number;
  read?: Reader;
  /** Wall clock seconds. */
  limit?: number;
}

/** One boot, with a copy of the image's disk; also what the guest reported. */
export async function bootOnce(image: Image, boot: Boot, options: BootOptions): Promise<{ cost: BootCost; report: string }> {
  const { scratch, clock, memory = MEMORY, read = image.read } = options;
  const { kernel, initramfs, iso, cmdline } = image;
  const copy = join(scratch, 'copy.disk');
  if (image.disk) await copyFile(image.disk, copy);
  const cost = await bootCost({ boot, memory, artifacts: { kernel, initramfs, iso }, cmdline, disks: image.disk ? [copy] : [] }, read, options);
  const times = MILESTONES.map((key) => `${key} ${cost[key].toFixed(3)}`).join(', ');
  console.log(`${image.name} ${boot} ${options.accelerator ?? clock}, ${memory} MiB: ${times}, wall ${cost.wallSeconds.toFixed(1)} s`);
  return { cost, report: await readFile(join(scratch, 'report'), 'utf8') };
}

const MILESTONES = ['init', 'firstContainer', 'networked', 'allContainers'] as const satisfies (keyof Milestones)[];

/** Of the mean. */
const AGREEMENT = 0.01;
/** Seconds, of /proc/uptime: in these the guest counts. */
const TICK = 0.01;

/** What runs of one boot differ in by more than 1 % of their mean and more than the guest can tell. */
export function disagreements(name: string, runs: readonly BootCost[]): string[] {
  const average = mean(runs);
  return MILESTONES.flatMap((key) => {
    const off = Math.max(...runs.map((run) => Math.abs(run[key] - average[key])));
    if (off <= AGREEMENT * average[key] || off <= TICK) return [];
    const seen = runs.map((run) => run[key].toFixed(3)).join(', ');
    return [`${name} ${average.boot}: ${key} differs by ${((off / average[key]) * 100).toFixed(1)} % from the mean: ${seen} s`];
  });
}

/** Of runs of one boot. */
export function mean(runs: readonly BootCost[]): BootCost {
  const [first] = runs;
  if (!first) throw new Error('no run');
  return {
    ...first,
    ...Object.fromEntries([...MILESTONES, 'wallSeconds' as const].map((key) => [key, runs.reduce((sum, run) => sum + run[key], 0) / runs.length])),
  };
}
