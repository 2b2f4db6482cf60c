import { open } from 'node:fs/promises';

/** A raw image of a disk without a byte on it; it takes no space until the guest writes. Returns `path`. */
export async function blankDisk(path: string, mib: number): Promise<string> {
  const handle = await open(path, 'w');
  await handle.truncate(mib * 1024 * 1024);
  await handle.close();
  return path;
}
