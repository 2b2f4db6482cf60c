import { open } from 'node:fs/promises';

/** Creates a raw image of a blank disk, which takes no space until the guest writes. Returns `path`. */
export async function blankDisk(path: string, mib: number): Promise<string> {
  const handle = await open(path, 'w');
  await handle.truncate(mib * 1024 * 1024);
  await handle.close();
  return path;
}
