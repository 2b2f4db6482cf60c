import { BuildError, defineExecutor, ifThere, readManifest, type BuildContext, type ManifestInput } from '@container-os/core';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findArtifacts } from '../artifacts.ts';
import { blankDisk } from '../guest/blank-disk.ts';
import { bootCost, readReport, type BootCost, type Milestones, type Reader } from '../boot-cost.ts';
import { DIRECT_CMDLINE, type Boot, type Artifacts } from '../guest/machine.ts';
import { readGuestReport } from '../guest/report.ts';
import { describe, excesses, growth, rows, type Figures } from './figures.ts';
import { bootFigure, MEMORY_USED, MILESTONES, planBudget, type BudgetPlan } from './plan.ts';
import recipe from './recipe.json' with { type: 'json' };
import type { BudgetOptions } from './schema.d.ts';

/** MiB; more than any image needs. */
const MEMORY = 512;
/** MiB. */
const DISK = 64;

/**
 * Measures the image and compares it with its limits. Makes `budget.json`, the figures by name, which can be committed for the
 * option `record`.
 *
 * @throws BuildError BUDGET_EXCEEDED names every figure over its limit, and what grew since the record.
 */
export default defineExecutor<BudgetOptions, BudgetPlan>({ recipe, plan: planBudget, run: checkBudget });

async function checkBudget(plan: BudgetPlan, context: BuildContext): Promise<ManifestInput> {
  const { image, target, log, out } = context;
  const artifacts = await findArtifacts([...new Set<Boot>(['direct', ...plan.boots])], context);
  const { measured, short } = await boots(plan, artifacts, context);
  const figures = { ...(await sizes(artifacts, context)), ...measured };
  log.info(`${image}: measured, limit, left`);
  for (const row of rows(figures, plan.limits)) log.info(row);
  const missing = Object.keys(plan.limits).filter((name) => !(name in figures));
  if (missing.length > 0)
    throw new BuildError('BUDGET_UNKNOWN', `"limits" has names that the image does not have: ${missing.join(', ')}`, {
      hint: `The image has ${Object.keys(figures).join(', ')}.`,
    });
  const over = [...excesses(figures, plan.limits).map(describe), ...(short ? [`memory to boot: more than the limit of ${plan.memoryToBoot} MiB`] : [])];
  const before = plan.record === null ? undefined : await readRecord(plan.record, context);
  if (over.length > 0) throw exceeded(image, over, before && growth(figures, before), short);
  await writeFile(join(out, 'budget.json'), `${JSON.stringify(figures, null, 2)}\n`);
  return { name: target, version: '0.1.0', licence: 'Apache-2.0', details: { limits: plan.limits } };
}

function exceeded(image: string, over: string[], grown: string[] | undefined, cause?: BuildError): BuildError {
  const list = (lines: readonly string[]): string => lines.map((line) => `\n    ${line}`).join('');
  const since =
    grown === undefined ? '' : grown.length === 0 ? '\n  nothing grew by more than noise since the record' : `\n  since the record, these grew:${list(grown)}`;
  return new BuildError('BUDGET_EXCEEDED', `${image} is over ${over.length === 1 ? 'a limit' : `${over.length} limits`}:${list(over)}${since}`, {
    cause,
    hint: 'Make the image smaller or faster again, or raise the limit in "limits" and give the reason in the commit.',
  });
}

async function sizes({ iso, initramfs }: Artifacts, { artifact }: BuildContext): Promise<Figures> {
  const files = {
    ...(iso === undefined ? {} : { iso }),
    kernel: join(artifact('kernel'), 'bzImage'),
    initramfs,
    rootfs: join(artifact('rootfs'), 'rootfs.squashfs'),
  };
  const figures: Figures = {};
  for (const [name, file] of Object.entries(files)) {
    const found = await ifThere(stat(file));
    if (found) figures[name] = { value: found.size, unit: 'bytes' };
  }
  // An image without rootfs has its layers in the initramfs.
  const { details } = await readManifest(artifact('rootfs' in figures ? 'rootfs' : 'initramfs'));
  for (const { layer, bytes } of (details?.['layers'] ?? []) as { layer: string; bytes: number }[]) figures[`layer ${layer}`] = { value: bytes, unit: 'bytes' };
  return figures;
}

async function boots(plan: BudgetPlan, artifacts: Artifacts, { log, scratch, signal }: BuildContext): Promise<{ measured: Figures; short?: BuildError }> {
  const { boots: ways, containers, memoryUsed, memoryToBoot } = plan;
  const figures: Figures = {};
  if (ways.length === 0 && !memoryUsed && memoryToBoot === null) return { measured: figures };
  const formatted = await blankDisk(join(scratch, 'formatted.disk'), DISK);
  const measure = async (boot: Boot, memory: number, disk?: string): Promise<BootCost> => {
    const copy = join(scratch, 'disk');
    if (disk === undefined) await copyFile(formatted, copy);
    const machine = { boot, memory, artifacts, cmdline: `${DIRECT_CMDLINE} quiet`, disks: [disk ?? copy] };
    return log.step(`boot ${boot}, ${memory} MiB`, () => bootCost(machine, untilMemory(readReport(containers)), { clock: 'virtual', scratch, signal }));
  };
  // The first boot formats the disk; others do not.
  await measure('direct', MEMORY, formatted);
  if (memoryUsed) {
    const { memory } = readGuestReport(await readFile(join(scratch, 'report'), 'utf8'));
    if (memory) figures[MEMORY_USED] = { value: memory.usedKiB / 1024, unit: 'MiB' };
  }
  for (const way of ways) {
    let cost: Milestones = await measure(way, MEMORY);
    // Noise only adds time (most without io_uring): take the minimum of three boots.
    for (let again = 0; again < 2 && isOver(way, cost, plan.limits); again++) cost = least(cost, await measure(way, MEMORY));
    for (const key of MILESTONE_KEYS) figures[bootFigure(way, key)] = { value: Math.round(cost[key] * 1000) / 1000, unit: 's' };
  }
  if (memoryToBoot === null) return { measured: figures };
  try {
    await measure('direct', memoryToBoot);
    return { measured: figures };
  } catch (error) {
    // Go on, so that the error names figures over other limits too.
    if (!(error instanceof BuildError) || error.code !== 'BOOT_INCOMPLETE') throw error;
    return { measured: figures, short: error };
  }
}

const MILESTONE_KEYS = Object.keys(MILESTONES) as (keyof Milestones)[];

function isOver(way: Boot, cost: Milestones, limits: Readonly<Record<string, number>>): boolean {
  return MILESTONE_KEYS.some((key) => cost[key] > (limits[bootFigure(way, key)] ?? Infinity));
}

function least(one: Milestones, other: Milestones): Milestones {
  return Object.fromEntries(MILESTONE_KEYS.map((key) => [key, Math.min(one[key], other[key])])) as unknown as Milestones;
}

/** Waits for the guest's report of memory in use, which follows when all containers run. */
function untilMemory(read: Reader): Reader {
  return (files) => (readGuestReport(files.report).memory ? read(files) : undefined);
}

/** The record; undefined if the file does not exist yet. */
async function readRecord(record: string, { file }: BuildContext): Promise<Figures | undefined> {
  const path = file(record);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Figures;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BuildError('BUDGET_RECORD_INVALID', `${path}: not the budget.json of an earlier run`, {
      cause,
      hint: 'Copy budget.json from dist to this path, or remove the option "record".',
    });
  }
}
