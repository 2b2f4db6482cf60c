import type { Tree } from '@nx/devkit';

/** Writes a file, unless it has this text already: the second run of a generator changes nothing. */
export function write(tree: Tree, path: string, text: string): void {
  if (tree.read(path, 'utf8') !== text) tree.write(path, text);
}
