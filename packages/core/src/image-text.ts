import { readFile } from 'node:fs/promises';
import type { BuildContext } from './context.ts';
import { BuildError } from './errors.ts';
import { isMissing } from './files.ts';

/**
 * The text of a file of the image that `option` names.
 *
 * @throws BuildError FILE_MISSING
 * @example
 * const text = await readImageText('network/bridge.conflist', 'networks', context);
 */
export async function readImageText(path: string, option: string, { file, image, target }: BuildContext): Promise<string> {
  const found = file(path);
  try {
    return await readFile(found, 'utf8');
  } catch (cause) {
    const isDirectory = (cause as NodeJS.ErrnoException).code === 'EISDIR';
    if (!isMissing(cause) && !isDirectory) throw cause;
    throw new BuildError('FILE_MISSING', `${found}: ${isDirectory ? 'a directory, expected a file' : 'no such file'}`, {
      cause,
      hint: `Create the file, or correct the option "${option}" of ${image}:${target}.`,
    });
  }
}
