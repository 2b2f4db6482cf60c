import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { compareInputs, type InputChange } from './compare-inputs.ts';
import { readRecord } from './files.ts';
import { serialize, type RecordedInputs } from './recorded-inputs.ts';

/** Why an artifact was built here: kept beside its log, because it depends on what was there before. */
interface Reason {
  /** sha256 of the `inputs.json` that the build wrote: a reason of another artifact is none. */
  inputs: string;
  /** Against the artifact that was replaced; null when there was none. */
  changes: InputChange[] | null;
}

/** Keeps why the artifact of `inputs` was built, where that of `before` was in its place. */
export async function writeReason(logFile: string, inputs: RecordedInputs, before: RecordedInputs | undefined): Promise<void> {
  const reason: Reason = { inputs: digest(inputs), changes: before ? compareInputs(before, inputs) : null };
  await mkdir(dirname(logFile), { recursive: true });
  await writeFile(reasonFile(logFile), `${JSON.stringify(reason, null, 2)}\n`);
}

/** Why the artifact of `inputs` was built; undefined when that did not happen here (it came from a cache). */
export async function readReason(logFile: string, inputs: RecordedInputs): Promise<InputChange[] | null | undefined> {
  const reason = await readRecord<Reason>(reasonFile(logFile));
  return reason?.inputs === digest(inputs) ? reason.changes : undefined;
}

function reasonFile(logFile: string): string {
  return logFile.replace(/\.log$/, '.why.json');
}

function digest(inputs: RecordedInputs): string {
  return createHash('sha256').update(serialize(inputs)).digest('hex');
}
