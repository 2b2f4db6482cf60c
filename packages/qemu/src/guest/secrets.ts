import { BuildError, type TargetContext } from '@container-os/core';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The files of a directory of the image, by name.
 *
 * @throws BuildError FILE_MISSING
 */
export async function secretsIn(directory: string | undefined, { imageRoot }: Pick<TargetContext, 'imageRoot'>): Promise<Record<string, string>> {
  if (directory === undefined) return {};
  const path = join(imageRoot, directory);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return Object.fromEntries(entries.flatMap((entry) => (entry.isFile() && !entry.name.startsWith('.') ? [[entry.name, join(path, entry.name)]] : [])));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new BuildError('FILE_MISSING', `secrets: ${path}: no such directory`, {
      cause,
      hint: 'Create it, with a file for each secret, or correct the option.',
    });
  }
}
