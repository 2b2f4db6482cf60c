/** An object of a listing. Its name is relative to the listed folder. */
export interface ListedObject {
  name: string;
  size: number;
  modified: Date;
}

/**
 * Merges the listing of entries with that of their last uses. Both are sorted by name, as S3 returns them, and are read in step, so
 * that neither is held in memory. Skips a last use without an entry.
 */
export async function* mergeUsed(
  entries: AsyncIterable<ListedObject>,
  used: AsyncIterable<ListedObject>,
): AsyncIterable<{ name: string; size: number; created: Date; used: Date }> {
  const marks = used[Symbol.asyncIterator]();
  let mark = await marks.next();
  for await (const { name, size, modified } of entries) {
    while (!mark.done && mark.value.name < name) mark = await marks.next();
    const last = !mark.done && mark.value.name === name ? mark.value.modified : modified;
    yield { name, size, created: modified, used: last > modified ? last : modified };
  }
}
