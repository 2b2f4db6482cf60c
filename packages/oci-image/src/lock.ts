import { BuildError, ifThere, parseJson } from '@container-os/core';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hexOf } from './reference.ts';

/** In the folder of an OS image: what the tags of its images are. */
export const LOCK_FILE = 'images.lock.json';

/** By reference, as the Compose file has it: the digest of the index or manifest that its tag named. */
export type ImageLock = Record<string, { digest: string }>;

/** @throws BuildError LOCK_INVALID */
export async function readImageLock(file: string): Promise<ImageLock> {
  const hint = 'Restore the file from version control, or remove it and run the target update-sources.';
  const text = await ifThere(readFile(file, 'utf8'));
  if (text === undefined) return {};
  const lock = parseJson(file, text, 'LOCK_INVALID', hint) as ImageLock;
  if (typeof lock !== 'object' || lock === null || Array.isArray(lock)) throw new BuildError('LOCK_INVALID', `${file}: not a JSON object`, { hint });
  for (const [reference, entry] of Object.entries(lock)) hexOf(String(entry?.digest), `${file}: ${reference}`);
  return lock;
}

/** Replaces the file in one rename; references in the order of their names. */
export async function writeImageLock(file: string, lock: ImageLock): Promise<void> {
  const partial = `${file}.partial-${process.pid}`;
  const sorted = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)));
  try {
    await writeFile(partial, `${JSON.stringify(sorted, null, 2)}\n`);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** What differs, a line each. None where the locks are the same. */
export function describeLockChange(before: ImageLock, after: ImageLock): string[] {
  const references = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return references.flatMap((reference) => {
    const [went, came] = [before[reference]?.digest, after[reference]?.digest];
    if (went === came) return [];
    return [reference, ...(went === undefined ? [] : [`  - ${went}`]), ...(came === undefined ? [] : [`  + ${came}`])];
  });
}
