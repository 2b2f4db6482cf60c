import { readFile, stat } from 'node:fs/promises';
import { BuildError } from './errors.ts';

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

/**
 * The value of the JSON `text` of `file`.
 *
 * @throws BuildError with `code` and `hint` when it is not JSON
 */
export function parseJson(file: string, text: string, code: string, hint = `Correct ${file}.`): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BuildError(code, `${file}: not JSON: ${(cause as Error).message}`, { cause, hint });
  }
}

/** The value of a JSON file that the next build writes anew: undefined where it is missing or damaged, so that no build fails by it. */
export async function readRecord<Value extends object>(path: string): Promise<Value | undefined> {
  const text = await ifThere(readFile(path, 'utf8'));
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Value);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** True for the failure of a call that found no such file. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
