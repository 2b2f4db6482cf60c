import type { Tree } from '@nx/devkit';
import { posix } from 'node:path';

/** Writes a file, unless it has this text already: the second run of a generator changes nothing. */
export function write(tree: Tree, path: string, text: string): void {
  if (tree.read(path, 'utf8') !== text) tree.write(path, text);
}

/** Editors complete and check a compose.yaml in `root` by the schema. */
export function schemaLine(root: string): string {
  return `# yaml-language-server: $schema=${posix.relative(root, 'node_modules/@container-os/image/compose.schema.json')}\n`;
}
