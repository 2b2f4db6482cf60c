// npm run bench: measures an image beside the recipe that it grew from (tools/bench/seed-reference), and writes performance.json,
// performance.md and boot-timeline.svg to docs. What is not measured keeps its figures and their date. Options, after `--`:
//   --only=size,boot,memory,archivers,build   parts; boot takes 15 minutes, memory 5, build 10, the others 1
//   --kernel=cold           build: compile the kernel without any help, twice, and count it: 30 minutes more
//   --without-reference     the image alone
//   --image=my-os           which one; npm run bench says demo-os, and the last one counts
//   --accelerator=tcg       do not try KVM
//   --rounds=3 --wall=5     boots in virtual time, and by wall clock
//   --no-build              measure the artifacts in dist as they are
//   --out=docs              where to write
import { ifThere } from '@container-os/core';
import { bootCost, chooseAccelerator } from '@container-os/qemu';
import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../files.ts';
import { measureArchivers } from './archivers.ts';
import { measureBoots, MEMORY, virtual, type Rounds } from './boot.ts';
import { measureBuild } from './build.ts';
import { timelineChart } from './chart.ts';
import { builtImage, emptyInit, seedReference, type Image } from './images.ts';
import { bootTimelines, PARTS, toMarkdown, type Measurements, type Part } from './markdown.ts';
import { idleMemory, leastMemory } from './memory.ts';
import { imageProject } from './project.ts';
import { measureSizes } from './size.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    only: { type: 'string', default: PARTS.join() },
    kernel: { type: 'string', default: 'warm' },
    'without-reference': { type: 'boolean', default: false },
    accelerator: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '3' },
    wall: { type: 'string', default: '5' },
    'no-build': { type: 'boolean', default: false },
    out: { type: 'string', default: join(root, 'docs') },
  },
});
const only = values.only.split(',').map((name) => oneOf('only', name, PARTS));
const kernel = oneOf('kernel', values.kernel, ['warm', 'cold']);
const accelerator = oneOf('accelerator', values.accelerator, ['auto', 'tcg']);
const out = resolve(values.out);
if (values.image === undefined) throw new Error('no image given; expected --image=<name>');
const project = await imageProject(values.image);
const images = values['without-reference'] ? [project.name] : [project.name, 'seed-reference'];

const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
const record = join(out, 'performance.json');
const measured = { ...(JSON.parse((await ifThere(readFile(record, 'utf8'))) ?? '{}') as Measurements), image: project.name };
const complaints: string[] = [];
try {
  const build = ['nx', 'run-many', '--targets=iso,reference', `--projects=${images.join()}`, '--outputStyle=stream'];
  if (!values['no-build']) await execa('npx', build, { cwd: root, stdio: 'inherit' });
  const artifact = (name: string): string => join(root, project.artifacts.get(name) ?? '');
  const ours = builtImage(project.name, { artifact, iso: join(root, project.iso) }, project.containers, join(scratch, 'data.disk'));
  const reference = values['without-reference'] ? undefined : seedReference(join(root, 'dist/tools/bench/seed-reference/reference'));
  const beside = async <Figures>(measure: (image: Image) => Promise<Figures>): Promise<{ reference?: Figures }> =>
    reference ? { reference: await measure(reference) } : {};
  await part('size', async () => ({ ours: await measureSizes(ours, artifact), ...(await beside((image) => measureSizes(image))) }));
  await part('boot', async () => {
    await formatDisk(ours);
    const choice = await chooseAccelerator(accelerator, ours.kernel, new AbortController().signal);
    const complain = (text: string): void => void (complaints.push(text), console.log(text));
    const rounds: Rounds = { virtual: Number(values.rounds), wall: Number(values.wall), accelerator: choice.accelerator, scratch, complain };
    const empty = await emptyInit(ours, join(artifact('rootfs'), 'rootfs.squashfs'), scratch);
    const limits = [await virtual(empty, 'direct', rounds), await virtual(empty, 'iso-bios', rounds), await virtual(empty, 'iso-uefi', rounds)];
    const measure = (image: Image): ReturnType<typeof measureBoots> => measureBoots(image, rounds);
    return { ours: await measure(ours), ...(await beside(measure)), emptyInit: limits, accelerator: choice.text, disagreements: complaints };
  });
  await part('memory', async () => {
    await formatDisk(ours);
    return { ours: { ...(await leastMemory(ours, scratch)), ...(await idleMemory(ours, scratch)) }, ...(await beside((image) => leastMemory(image, scratch))) };
  });
  await part('archivers', () => measureArchivers(scratch));
  await part('build', () => measureBuild(project, scratch, kernel));
} finally {
  await rm(scratch, { recursive: true });
}
if (complaints.length > 0) {
  console.error(`\nSome runs should be equal and are not, or did not end; find the cause, then measure again:\n${complaints.join('\n')}`);
  process.exitCode = 1;
}

/** Measures a part where it was asked for, and writes all at once: what was measured is not lost when a later part fails. */
async function part<Name extends Part>(name: Name, work: () => Promise<NonNullable<Measurements[Name]>['figures']>): Promise<void> {
  if (!only.includes(name)) return;
  const figures = await work();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
  Object.assign(measured, { [name]: { date: new Date().toISOString().slice(0, 10), machine, figures } });
  await mkdir(out, { recursive: true });
  await writeFile(record, `${JSON.stringify(measured, null, 2)}\n`);
  await writeFile(join(out, 'performance.md'), toMarkdown(measured));
  if (measured.boot) await writeFile(join(out, 'boot-timeline.svg'), timelineChart(bootTimelines(measured)));
}

/** The first boot formats a blank data disk; later ones, which we measure, do not. */
async function formatDisk({ disk = '', cmdline, kernel: file, initramfs, iso, read }: Image): Promise<void> {
  await writeFile(disk, '');
  await truncate(disk, 64 * 1024 * 1024);
  await bootCost({ boot: 'direct', memory: MEMORY, artifacts: { kernel: file, initramfs, iso }, cmdline, disks: [disk] }, read, { clock: 'real', scratch });
}

function oneOf<Value extends string>(option: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`--${option} is "${value}", expected one of ${allowed.join(', ')}`);
  return found;
}
