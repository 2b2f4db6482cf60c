// npm run bench [-- --boots=direct,iso-bios] [--wall=5]: measures demo-os beside the recipe that it grew from (os-images/seed-reference), and writes
// docs/performance.json and docs/performance.md. About 20 minutes where the reference's kernel is in the cache.
import { DIRECT_CMDLINE, type Boot } from '@container-os/qemu';
import { execa } from 'execa';
import { copyFile, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../files.ts';
import { bootCost, readMarks, readReport, type BootCost, type Reader } from './boot.ts';
import { toMarkdown, type Measurements, type Sizes } from './markdown.ts';

const { values } = parseArgs({ options: { boots: { type: 'string', default: 'direct,iso-bios,iso-uefi' }, wall: { type: 'string', default: '5' } } });
const boots = values.boots.split(',') as Boot[];
const dist = join(root, 'dist/os-images');
const CONTAINERS = ['shell', 'web', 'client', 'counter'];
/** As in the recipe: MiB. */
const MEMORY = 512;

const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
try {
  await execa('npx', ['nx', 'run-many', '--targets=iso,reference', '--projects=demo-os,seed-reference', '--outputStyle=stream'], { cwd: root, stdio: 'inherit' });
  const [ours, reference] = [demoOs(), seedReference()];
  await formatDisk(ours);
  const measurements: Measurements = {
    date: new Date().toISOString().slice(0, 10),
    ours: { boots: [], wall: [], sizes: await sizes(ours) },
    reference: { boots: [], wall: [], sizes: await sizes(reference) },
  };
  for (const [name, image] of [['ours', ours], ['reference', reference]] as const) {
    for (const boot of boots) measurements[name].boots.push(await measure(image, boot, 'virtual'));
    for (let round = 0; round < Number(values.wall); round++) measurements[name].wall.push((await measure(image, 'iso-bios', 'real')).wallSeconds);
  }
  await writeFile(join(root, 'docs/performance.json'), `${JSON.stringify(measurements, null, 2)}\n`);
  await writeFile(join(root, 'docs/performance.md'), toMarkdown(measurements));
} finally {
  await rm(scratch, { recursive: true });
}

interface Image {
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
  return { kernel: join(directory, 'vmlinuz'), bzImage: join(directory, 'vmlinuz'), initramfs: join(directory, 'initrd.img'), iso: join(directory, 'container-os.iso'), cmdline: 'console=ttyS0', read: readMarks };
}

async function measure(image: Image, boot: Boot, clock: 'virtual' | 'real'): Promise<BootCost> {
  const disks: string[] = [];
  if (image.disk) {
    const copy = join(scratch, 'copy.disk');
    await copyFile(image.disk, copy);
    disks.push(copy);
  }
  const artifacts = { kernel: image.kernel, initramfs: image.initramfs, iso: image.iso };
  const cost = await bootCost({ boot, memory: MEMORY, artifacts, cmdline: image.cmdline, disks }, image.read, scratch, clock);
  console.log(`${image.iso.slice(dist.length + 1)} ${boot} ${clock}: init ${cost.init.toFixed(3)} s, first container ${cost.firstContainer.toFixed(3)} s, all ${cost.allContainers.toFixed(3)} s, wall ${cost.wallSeconds.toFixed(1)} s`);
  return cost;
}

/** The first boot formats a blank data disk; later ones, which we measure, do not. */
async function formatDisk(image: Image): Promise<void> {
  const blank = image.disk ?? '';
  await writeFile(blank, '');
  await truncate(blank, 64 * 1024 * 1024);
  await bootCost({ boot: 'direct', memory: MEMORY, artifacts: image, cmdline: image.cmdline, disks: [blank] }, image.read, scratch, 'real');
}

async function sizes({ iso, bzImage, initramfs }: Image): Promise<Sizes> {
  const [isoSize, kernel, initrd] = await Promise.all([iso, bzImage, initramfs].map(async (file) => (await stat(file)).size));
  return { iso: isoSize ?? 0, kernel: kernel ?? 0, initramfs: initrd ?? 0 };
}

