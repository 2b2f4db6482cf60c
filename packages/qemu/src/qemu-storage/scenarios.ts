import { sha256File } from '@container-os/core';
import { join } from 'node:path';
import type { Assertion } from '../verdict/assertions.ts';
import { classify, type Outcome } from '../verdict/classify.ts';
import type { GuestReport } from '../guest/report.ts';
import { bootResult, type BootResult } from '../verdict/results.ts';
import * as that from './assertions.ts';
import { blankDisk } from '../guest/blank-disk.ts';
import { beheadedDisk, damagedDisk, faultOf, foreignDisk, fullDisk, linesOf } from './disk.ts';

/** Boots a machine with these disks; with `cutPower`, until it returns true. */
export type BootDisks = (name: string, disks: readonly string[], cutPower?: (report: GuestReport) => boolean) => Promise<Outcome>;

export interface ScenarioContext {
  /** The container that counts, and its file: a path from the root of the data disk. */
  container: string;
  file: string;
  scratch: string;
  bootDisks: BootDisks;
}

/** How many numbers are written before the power is cut. */
const NUMBERS = 5;

/** Yields one result per boot. The first three boots use the same disk, later ones copies of it. */
export async function* scenarios(context: ScenarioContext): AsyncGenerator<BootResult> {
  const { container, file, scratch, bootDisks } = context;
  const path = (name: string): string => join(scratch, name);
  const disk = await blankDisk(path('data'), 64);

  const blank = await bootDisks('blank', [disk]);
  let written = that.numberOf(blank.report, container);
  yield judge('blank', blank, [that.assertStatus('ok', blank), that.assertCounts(0, blank, container), that.assertClean(await faultOf(disk))], context);
  if (written === 0) return;

  const cut = await bootDisks('reboot', [disk], (report) => that.numberOf(report, container) >= written + NUMBERS);
  const before = written;
  written = that.numberOf(cut.report, container);
  yield judgeCut('reboot', cut, [that.assertStatus('ok', cut), that.assertCounts(before, cut, container)]);

  const after = await bootDisks('power-cut', [disk]);
  const lines = await linesOf(disk, file);
  yield judge(
    'power-cut',
    after,
    [
      that.assertStatus('ok', after),
      that.assertCounts(written, after, container),
      that.assertLines(lines, Math.max(written, that.numberOf(after.report, container))),
      that.assertClean(await faultOf(disk)),
    ],
    context,
  );

  const others = [await foreignDisk(path('foreign')), await beheadedDisk(disk, path('beheaded'))] as const;
  const [foreignBefore = '', beheadedBefore = ''] = await Promise.all(others.map(sha256File));
  const missing = await bootDisks('missing', others);
  const [foreign = '', beheaded = ''] = await Promise.all(others.map(sha256File));
  yield judge(
    'missing',
    missing,
    [
      that.assertStatus('missing', missing),
      that.assertReason('no data disk', missing, container),
      that.assertUntouched("somebody else's disk", foreignBefore, foreign),
      that.assertUntouched('a data disk without its superblock', beheadedBefore, beheaded),
    ],
    context,
  );

  const full = await bootDisks('full', [await fullDisk(path('full'), file, scratch)]);
  yield judge('full', full, [that.assertStatus('full', full), that.assertWords('No space left on device', full, container)], context);

  const damaged = await bootDisks('damaged', [await damagedDisk(disk, path('damaged'))]);
  yield judge('damaged', damaged, [that.assertStatus('damaged', damaged), that.assertReason('needs manual repair', damaged, container)], context);
}

/** Judges a boot that ended by itself. The container that counts may fail with its disk: assertions check its message. */
function judge(name: string, outcome: Outcome, assertions: Assertion[], { container }: ScenarioContext): BootResult {
  const { [container]: _, ...containers } = that.withoutVolume(outcome.report.containers);
  const all = outcome.report.done === undefined ? [] : [...assertions, that.assertOthers(outcome, container)];
  return bootResult(name, outcome, all, classify({ ...outcome, report: { ...outcome.report, containers } }));
}

function judgeCut(name: string, outcome: Outcome, assertions: Assertion[]): BootResult {
  const cut = outcome.end === 'cut';
  const failure = cut
    ? undefined
    : (classify(outcome) ?? { code: 'BOOT_TIMEOUT' as const, message: 'the boot ended before the power was cut', hint: 'Read the report.' });
  return { ...bootResult(name, outcome, assertions, failure), task: 'boots, and reports until its power is cut' };
}
