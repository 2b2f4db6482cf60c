import { BuildError } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import { mergeFragments } from './config.ts';
import { parseFragment, type Setting } from './fragment.ts';

/**
 * Reads fragments and merges them in their order. `locate` turns the name that an option has (and a
 * message shows) into a path: an executor gives its context's `file`.
 *
 * Errors: `FRAGMENT_MISSING`, `FRAGMENT_INVALID`.
 */
export async function readFragments(names: readonly string[], locate: (name: string) => string): Promise<Setting[]> {
  const fragments: Setting[][] = [];
  for (const name of names) fragments.push(parseFragment(await readText(name, locate(name)), name));
  return mergeFragments(fragments);
}

async function readText(name: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'EISDIR') throw cause;
    throw new BuildError('FRAGMENT_MISSING', `${path} is ${cause.code === 'ENOENT' ? 'not there' : 'a directory'} ("fragments" names ${name})`, {
      cause,
      hint: 'Create the fragment, or correct "fragments".',
    });
  });
}
