import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The version of a kbuild tree, as its Makefile has it: `6.12.117`, whatever a distribution calls its package of it.
 * Undefined where the Makefile has none.
 */
export async function readTreeVersion(tree: string): Promise<string | undefined> {
  const text = await readFile(join(tree, 'Makefile'), 'utf8');
  const numbers = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map((name) => new RegExp(`^${name} = (\\d+)$`, 'm').exec(text)?.[1]);
  return numbers.includes(undefined) ? undefined : numbers.join('.');
}

/** Below zero when `version` comes before `bound`, above when after it. `6.8` is every 6.8.x. */
export function compareVersion(version: string, bound: string): number {
  const [ours, theirs] = [version, bound].map((text) => text.split('.').map(Number)) as [number[], number[]];
  return theirs.map((number, index) => (ours[index] ?? 0) - number).find((difference) => difference !== 0) ?? 0;
}
