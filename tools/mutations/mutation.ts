import { BuildError } from '@container-os/core';
import { bytesOf, type Entry } from '@container-os/cpio';
import mergePatch from 'json-merge-patch';
import { isDeepStrictEqual } from 'node:util';

/** One way to break an OS, and the property of its self-test that must notice. */
export interface Mutation {
  name: string;
  edits: Edit[];
  /** A file of self-test.d, without its suffix. */
  test: string;
  /** The property, as the test reports it. */
  caughtBy: string;
}

/** Of a file of the root file system: a text replaced wherever it stands, or a merge patch of JSON (RFC 7396). */
export type Edit = { file: string; replace: string; by: string } | { file: string; merge: object };

/** `root` with the edits of `mutation`. `MUTATION_STALE` when one of them changes nothing: then nothing would be tested. */
export function mutate(root: readonly Entry[], mutation: Mutation): Entry[] {
  const changed = [...root];
  for (const edit of mutation.edits) {
    const index = changed.findIndex(({ path }) => path === edit.file);
    const entry = changed[index];
    if (entry?.type !== 'file') throw stale(mutation, `the root file system has no file ${edit.file}`);
    const before = Buffer.from(bytesOf(entry.data));
    const after = editText(before, edit);
    if (after.equals(before))
      throw stale(
        mutation,
        'replace' in edit ? `${edit.file} does not contain ${JSON.stringify(edit.replace)}` : `${edit.file} is not changed by ${JSON.stringify(edit.merge)}`,
      );
    changed[index] = { ...entry, data: after };
  }
  return changed;
}

/** Latin-1 keeps each byte of a program. */
function editText(before: Buffer, edit: Edit): Buffer {
  if ('replace' in edit)
    return Buffer.from(
      before.toString('latin1').replaceAll(latin1(edit.replace), () => latin1(edit.by)),
      'latin1',
    );
  const value = JSON.parse(before.toString()) as object;
  const patched = mergePatch.apply(structuredClone(value), edit.merge);
  return isDeepStrictEqual(patched, value) ? before : Buffer.from(`${JSON.stringify(patched, null, 2)}\n`);
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function stale({ name }: Mutation, message: string): BuildError {
  return new BuildError('MUTATION_STALE', `mutation ${name}: ${message}`, {
    hint: 'The OS has changed: correct the edit in mutations.json, or write another one.',
  });
}
