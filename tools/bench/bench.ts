// npm run bench [-- --only=boot,size,memory,archivers,build] [--cold-kernel] [--rounds=3] [--wall=5]: measures demo-os beside the
// recipe that it grew from (os-images/seed-reference), and writes docs/performance.json, docs/performance.md and docs/boot-timeline.svg.
// What is not measured keeps its figures and their date. All but build takes about 15 minutes where the reference is in the
// cache; build about 10, and with --cold-kernel 15 more.
import { bootCost, DIRECT_CMDLINE, memoryShares, readGuestReport, readReport, type Boot, type BootCost, type Reader } from '@container-os/qemu';
import { execa } from 'execa';
import { copyFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../files.ts';
import { measureArchivers } from './archivers.ts';
import { agree, readMarks } from './boot.ts';
import { measureBuild } from './build.ts';
import { timelineChart } from './chart.ts';
import { bootTimelines, toMarkdown, type Measurements, type Part } from './markdown.ts';
import { least } from './memory.ts';
import { measureSizes } from './size.ts';

const { values } = parseArgs({ options: {
  only: { type: 'string', default: 'boot,size,memory,archivers,build' },
  'cold-kernel': { type: 'boolean', default: false },
  rounds: { type: 'string', default: '3' },
  wall: { type: 'string', default: '5' },
} });
const only = values.only.split(',');
const dist = join(root, 'dist/os-images');
const CONTAINERS = ['shell', 'web', 'client', 'counter'];
const BOOTS: Boot[] = ['direct', 'iso-bios', 'iso-uefi'];
/** As in the recipe: MiB. */
const MEMORY = 512;
const RECORD = join(root, 'docs/performance.json');

const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
const measured = JSON.parse(await readFile(RECORD, 'utf8').catch(() => '{}')) as Measurements;
try {
  await execa('npx', ['nx', 'run-many', '--targets=iso,reference', '--projects=demo-os,seed-reference', '--outputStyle=stream'], { cwd: root, stdio: 'inherit' });
  const [ours, reference] = [demoOs(), seedReference()];
  await part('size', async () => ({ ours: await measureSizes(ours, join(dist, 'demo-os')), reference: await measureSizes(reference) }));
  await part('boot', async () => {
    await formatDisk(ours);
    const empty = await emptyInit(ours);
    return { ours: await boots(ours), reference: await boots(reference), emptyInit: [await virtual(empty, 'direct'), await virtual(empty, 'iso-bios')] };
  });
  await part('memory', async () => {
    await formatDisk(ours);
    const idle = await measure(ours, 'direct', 'virtual', { read: untilAlone });
    return { ours: { ...(await leastMemory(ours)), ...memoryShares(readGuestReport(idle.report)) }, reference: await leastMemory(reference) };
  });
  await part('archivers', () => measureArchivers(scratch));
  await part('build', () => measureBuild(scratch, { coldKernel: values['cold-kernel'] }));
} finally {
  await rm(scratch, { recursive: true });
}

/** Measures a part where it was asked for, and writes all at once: what was measured is not lost when a later part fails. */
async function part<Name extends Part>(name: Name, work: () => Promise<NonNullable<Measurements[Name]>['figures']>): Promise<void> {
  if (!only.includes(name)) return;
  const figures = await work();
  Object.assign(measured, { [name]: { date: new Date().toISOString().slice(0, 10), machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`, figures } });
  await writeFile(RECORD, `${JSON.stringify(measured, null, 2)}\n`);
  await writeFile(join(root, 'docs/performance.md'), toMarkdown(measured));
  await writeFile(join(root, 'docs/boot-timeline.svg'), timelineChart(bootTimelines(measured)));
}

interface Image {
  name: string;
  kernel: string;
  bzImage: string;
  initramfs: string;
  iso: string;
  cmdline: string;
  disk?: string;
  read: Reader;
}

function demoOs(): Image {
  const directory = join(dist, 'demo-os');
  return {
    name: 'demo-os',
    kernel: join(directory, 'kernel/vmlinux'),
    bzImage: join(directory, 'kernel/bzImage'),
    initramfs: join(directory, 'initramfs/initramfs.img'),
    iso: join(directory, 'demo-os.iso'),
    cmdline: `${DIRECT_CMDLINE} quiet`,
    disk: join(scratch, 'data.disk'),
    read: readReport(CONTAINERS),
  };
}

function seedReference(): Image {
  const directory = join(dist, 'seed-reference/reference');
  return { name: 'seed-reference', kernel: join(directory, 'vmlinuz'), bzImage: join(directory, 'vmlinuz'), initramfs: join(directory, 'initrd.img'), iso: join(directory, 'container-os.iso'), cmdline: 'console=ttyS0', read: readMarks };
}

/** demo-os's kernel and boot loader with nothing to start: an init that prints the processor's counter. The limit of what an OS on them can reach. */
async function emptyInit(image: Image): Promise<Image> {
  const tree = join(scratch, 'empty');
  await mkdir(join(tree, 'dev'), { recursive: true });
  const [initramfs, iso] = [join(scratch, 'empty.img'), join(scratch, 'empty.iso')];
  await execa('musl-gcc', ['-static', '-O2', '-o', join(tree, 'init'), join(root, 'tools/bench/empty-init.c')]);
  await execa('sh', ['-c', 'mknod dev/console c 5 1 && find . | cpio --quiet -o -H newc >"$1"', 'sh', initramfs], { cwd: tree });
  await execa('xorriso', ['-indev', image.iso, '-outdev', iso, '-boot_image', 'any', 'replay', '-map', initramfs, '/boot/initramfs.img'], { stdio: 'ignore' });
  return { ...image, name: 'empty init', initramfs, iso, read: readMarks };
}

async function boots(image: Image): Promise<{ virtual: BootCost[]; wall: number[] }> {
  const costs: BootCost[] = [];
  for (const boot of BOOTS) costs.push(await virtual(image, boot));
  const wall: number[] = [];
  for (let round = 0; round < Number(values.wall); round++) wall.push((await measure(image, 'iso-bios', 'real')).cost.wallSeconds);
  return { virtual: costs, wall };
}

async function virtual(image: Image, boot: Boot): Promise<BootCost> {
  const rounds: BootCost[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push((await measure(image, boot, 'virtual')).cost);
  return agree(rounds);
}

interface Options {
  memory?: number;
  read?: Reader;
  limit?: number;
}

async function measure(image: Image, boot: Boot, clock: 'virtual' | 'real', { memory = MEMORY, read = image.read, limit }: Options = {}): Promise<{ cost: BootCost; report: string }> {
  const disks: string[] = [];
  if (image.disk) {
    const copy = join(scratch, 'copy.disk');
    await copyFile(image.disk, copy);
    disks.push(copy);
  }
  const artifacts = { kernel: image.kernel, initramfs: image.initramfs, iso: image.iso };
  const cost = await bootCost({ boot, memory, artifacts, cmdline: image.cmdline, disks }, read, { clock, scratch, ...(limit ? { limit } : {}) });
  console.log(`${image.name} ${boot} ${clock}, ${memory} MiB: init ${cost.init.toFixed(3)} s, first container ${cost.firstContainer.toFixed(3)} s, on a network ${cost.networked.toFixed(3)} s, all ${cost.allContainers.toFixed(3)} s, wall ${cost.wallSeconds.toFixed(1)} s`);
  return { cost, report: await readFile(join(scratch, 'report'), 'utf8') };
}

/** Until the guest has told its memory with containers, and without. */
function untilAlone(files: { report: string; console: string }): ReturnType<Reader> {
  return readGuestReport(files.report).memoryAlone ? readReport(CONTAINERS)(files) : undefined;
}

/** In virtual time, which is the same everywhere; a boot that takes five times as long as it should is no boot. */
async function leastMemory(image: Image): Promise<{ least: Record<string, number> }> {
  const found: Record<string, number> = {};
  for (const boot of ['direct', 'iso-bios'] as const) {
    const boots = (memory: number): Promise<boolean> => measure(image, boot, 'virtual', { memory, limit: 120 }).then(() => true, () => (console.log(`${image.name} ${boot}, ${memory} MiB: does not`), false));
    const mib = await least(boots, { low: 32, high: 512, step: 4 });
    if (mib !== undefined) found[boot] = mib;
  }
  return { least: found };
}

/** The first boot formats a blank data disk; later ones, which we measure, do not. */
async function formatDisk(image: Image): Promise<void> {
  const blank = image.disk ?? '';
  await writeFile(blank, '');
  await truncate(blank, 64 * 1024 * 1024);
  await bootCost({ boot: 'direct', memory: MEMORY, artifacts: image, cmdline: image.cmdline, disks: [blank] }, image.read, { clock: 'real', scratch });
}
