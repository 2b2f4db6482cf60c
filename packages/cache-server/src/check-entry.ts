import { createHash } from 'node:crypto';
import type { OpenEntry } from './entries.ts';
import { startFormCheck, type FormError } from './form.ts';

/** More than this is not read before it is sent: the client would wait. Measured: 7 s a GB, most of it to expand it. */
const MAX_BEFORE_SENDING = 256 * 1024 * 1024;
/** Enough to see whether a body is what Nx sends. */
const HEAD = 64 * 1024;
const MAX_REMEMBERED = 10_000;

/**
 * What is wrong with the body of an entry; undefined when nothing is. Reads all of it, or with `headOnly` its start. Leaves the entry open.
 *
 * @throws UnreadableEntryError
 * @example
 * const problem = await problemOf(entry);
 */
export async function problemOf(entry: OpenEntry, headOnly = false): Promise<string | undefined> {
  const end = headOnly ? Math.min(entry.size, HEAD) : entry.size;
  const hash = createHash('sha256');
  const form = startFormCheck(true);
  let formError: FormError | undefined;
  const inspect = async (look: () => Promise<void>): Promise<void> => {
    if (formError === undefined) await look().catch((error: FormError) => (formError = error));
  };
  try {
    for await (const chunk of entry.read(0, end)) {
      hash.update(chunk);
      await inspect(() => form.add(chunk));
    }
    if (end < entry.size) return formError?.message;
    await inspect(() => form.end());
  } finally {
    form.stop();
  }
  const [actual, expected] = [hash.digest('hex'), Buffer.from(entry.trailer.sha256).toString('hex')];
  return actual === expected ? formError?.message : `the body has SHA-256 ${actual}, expected ${expected}: it was changed in the store`;
}

/**
 * Returns a {@link problemOf} for entries that are about to be sent. It looks once at each version of an entry (the use of an entry makes
 * a new one each hour), and only at the start of one that is huge or in an object store, which has checksums of its own.
 */
export function createEntryCheck(): (entry: OpenEntry) => Promise<string | undefined> {
  const known = new Map<string, Promise<string | undefined>>();
  return async (entry) => {
    const name = `${entry.key.namespace}/${entry.key.hash}/${entry.version}`;
    const found = known.get(name);
    if (found) return found;
    const looked = problemOf(entry, !entry.isLocal || entry.size > MAX_BEFORE_SENDING);
    known.set(name, looked);
    if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value!);
    looked.catch(() => known.delete(name));
    return looked;
  };
}
