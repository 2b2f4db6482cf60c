import { stat } from 'node:fs/promises';

/**
 * The result of reading a file, or undefined where there is no such file. Any other failure is thrown: a file that may not be read
 * is not a missing one.
 *
 * @example
 * const record = await ifThere(readFile(path, 'utf8'));
 */
export async function ifThere<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** True for a path that leads to something. */
export async function exists(path: string): Promise<boolean> {
  return (await ifThere(stat(path))) !== undefined;
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
