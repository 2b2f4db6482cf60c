/** An object of a listing, without the folder that was listed. */
export interface ListedObject {
  name: string;
  size: number;
  modified: Date;
}

/**
 * Entries with their last use: two listings, each in the order of its names (as S3 gives them), read side by side, so that neither
 * is in memory. A last use without an entry is passed over.
 */
export async function* mergeUsed(
  entries: AsyncIterable<ListedObject>, used: AsyncIterable<ListedObject>,
): AsyncIterable<{ name: string; size: number; created: Date; used: Date }> {
  const marks = used[Symbol.asyncIterator]();
  let mark = await marks.next();
  for await (const { name, size, modified } of entries) {
    while (!mark.done && mark.value.name < name) mark = await marks.next();
    const last = !mark.done && mark.value.name === name ? mark.value.modified : modified;
    yield { name, size, created: modified, used: last > modified ? last : modified };
  }
}
