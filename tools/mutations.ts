// Breaks an OS in one place after the other, boots it each time, and fails unless its self-test notices: a test that was never
// seen to fail proves nothing. The mutations are in mutations.json of the image. Nothing is compiled: the layers in dist/ are packed
// again. The first boot is the OS as it is, in which all of these properties must hold.
//   npx nx run tools:mutations
//   npx nx run tools:mutations --only=seccomp,restart
//   npx nx run tools:mutations -c busy    beside eight processes that never pause: the verdicts are the same
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildError, formatError, readManifest } from '@container-os/core';
import { fileEntry, merge, type Entry, type Layer } from '@container-os/cpio';
import { readLayer, writeLayer } from '@container-os/cpio/fs';
import {
  beside,
  blankDisk,
  boot,
  chooseAccelerator,
  classify,
  DIRECT_CMDLINE,
  probeBoot,
  qemuArgv,
  type Machine,
  silenceLimit,
  type GuestReport,
} from '@container-os/qemu';
import { writeSquashfs } from '@container-os/rootfs';
import { root as workspace } from './files.ts';
import { mutate, type Mutation } from './mutations/mutation.ts';
import { artifactPlaces, nxGraph } from './task-graph.ts';

const { values } = parseArgs({ options: { image: { type: 'string' }, only: { type: 'string' }, busy: { type: 'string', default: '0' } } });
const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());
try {
  await beside(Number(values.busy), () => main(values.image ?? ''));
} catch (error) {
  console.error(interrupt.signal.aborted ? 'INTERRUPTED' : formatError(error));
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}

async function main(image: string): Promise<void> {
  const graph = await nxGraph(`${image}:iso`);
  const places = artifactPlaces(graph);
  const artifact = (name: string): string => join(workspace, places.get(name) ?? '');
  const logs = join(workspace, 'dist/logs', image, 'mutations');
  await mkdir(logs, { recursive: true });
  const mutations = selected(JSON.parse(readFileSync(join(workspace, graph.graph.nodes[image]?.data.root ?? '', 'mutations.json'), 'utf8')) as Mutation[]);
  const root = merge(await layersOf('rootfs', artifact));
  const early = await layersOf('initramfs', artifact);
  // Before the first boot: those that are stale.
  const broken = mutations.map((mutation) => ({ mutation, entries: mutate(root, mutation) }));
  const { signal } = interrupt;
  const kernel = join(artifact('kernel'), 'vmlinux');
  const { accelerator, text } = await chooseAccelerator('auto', kernel, signal);
  const limit = 2 * silenceLimit(await probeBoot(kernel, accelerator, 60, signal)); // a property that does not hold takes its whole time
  console.log(`${text}; a boot may be silent for ${limit} s`);

  /** Boots `entries` and runs these tests. */
  async function selfTest(name: string, entries: readonly Entry[], tests: string): Promise<{ report: GuestReport; verdict: string; seconds: number }> {
    const squashfs = join(scratch, 'rootfs.squashfs');
    const initramfs = join(scratch, 'initramfs.img');
    await writeSquashfs(squashfs, entries, 'lz4', { logFile: join(scratch, 'log'), signal });
    await writeLayer(initramfs, merge([...early, { name: 'root', entries: [fileEntry('rootfs.squashfs', await readFile(squashfs))] }]));
    const disks = [await blankDisk(join(scratch, 'disk'), 64)];
    const cmdline = `${DIRECT_CMDLINE} container-os.tests=${tests}`;
    const machine: Machine = {
      boot: 'direct',
      accelerator,
      memory: 256,
      artifacts: { kernel, initramfs },
      cmdline,
      disks,
      console: 'stdout',
      countsInstructions: true,
    };
    const outcome = await boot((io) => qemuArgv({ ...machine, ...io }), { logs, name, scratch, limit, longest: 3600, signal });
    return { report: outcome.report, verdict: classify(outcome)?.message ?? 'passed', seconds: outcome.seconds };
  }

  const unbroken = await selfTest('unbroken', root, [...new Set(mutations.map(({ test }) => test))].join(','));
  console.log(`unbroken: ${unbroken.report.properties.length} properties, ${unbroken.seconds.toFixed(0)} s; ${failing(unbroken)}`);

  const missed: string[] = [];
  for (const {
    mutation: { name, test, caughtBy },
    entries,
  } of broken) {
    const row = `${name.padEnd(18)} ${test.padEnd(17)} ${caughtBy}`;
    // Else each OS would be taken for a broken one.
    const usable = holds(unbroken.report, caughtBy) === true;
    const result = usable ? await selfTest(name, entries, test) : unbroken;
    if (usable && holds(result.report, caughtBy) === false) {
      console.log(`✔ ${row}, ${result.seconds.toFixed(0)} s`);
      continue;
    }
    missed.push(name);
    const state = { true: 'holds', false: 'does not hold', undefined: 'is not tested' }[String(holds(result.report, caughtBy))];
    console.log(`✖ ${row}\n    the property ${state} on the ${usable ? 'broken' : 'unbroken'} OS; ${failing(result)}`);
  }
  console.log(`${mutations.length - missed.length} of ${mutations.length} mutations caught`);
  if (missed.length > 0)
    throw new BuildError('MUTATION_MISSED', `the self-test does not catch ${missed.join(', ')}`, {
      hint: 'Correct the test so that it fails on the broken OS; reports and consoles are next to the log.',
      logFile: logs,
    });
}

/** Those that --only names; all without it. */
function selected(all: readonly Mutation[]): Mutation[] {
  const names = values.only?.split(',') ?? all.map(({ name }) => name);
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new BuildError('MUTATION_UNKNOWN', `--only names an unknown mutation: ${unknown}`, { hint: `Mutations: ${all.map(({ name }) => name).join(', ')}.` });
  return all.filter(({ name }) => names.includes(name));
}

/** The layers that an artifact was made of, as its manifest has them. */
async function layersOf(packed: string, artifact: (name: string) => string): Promise<Layer[]> {
  const { details } = await readManifest(artifact(packed));
  const names = (details?.['layers'] as { layer: string }[]).map(({ layer }) => layer);
  return Promise.all(names.map(async (name) => ({ name, entries: await readLayer(join(artifact(name), 'layer.cpio')) })));
}

/** How the boot ended, and which properties do not hold. */
function failing({ report, verdict }: { report: GuestReport; verdict: string }): string {
  const names = report.properties.filter(({ ok }) => !ok).map(({ name, found }) => `${name} (${found})`);
  return `the boot: ${verdict}; not holding: ${names.join('; ') || 'nothing'}`;
}

/** Undefined when it was not tested. */
function holds({ properties }: GuestReport, property: string): boolean | undefined {
  return properties.find(({ name }) => name === property)?.ok;
}
