import { BuildError } from '@container-os/core/errors';
import { comparePaths, directoryEntry, type Entry } from './entry.ts';

/**
 * `entries` in the form that the kernel can unpack: sorted by the bytes of their paths, so that a directory precedes
 * its content; missing directories added (0755, root); a hard link's content at the first of its names. `where` is
 * put before an error message.
 *
 * @throws BuildError CPIO_PATH_DUPLICATE, CPIO_NOT_A_DIRECTORY, CPIO_LINK_INVALID.
 */
export function toTree(entries: readonly Entry[], where = ''): Entry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  if (byPath.size < entries.length) throw duplicate(entries, where);
  for (const path of [...byPath.keys()]) {
    for (const above of directoriesAbove(path)) {
      const type = byPath.get(above)?.type;
      if (type === undefined) byPath.set(above, directoryEntry(above));
      else if (type !== 'directory') throw notBelow(path, above, type, where);
    }
  }
  const sorted = [...byPath.keys()].sort(comparePaths);
  return sorted.flatMap((path) => byPath.get(path) ?? []).map(contentFirst(byPath));
}

/** `usr/lib/os-release` → `usr`, `usr/lib`. */
export function directoriesAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Sorting can put a link before its file: moves the content to the first name, to which the others link. */
function contentFirst(byPath: ReadonlyMap<string, Entry>): (entry: Entry) => Entry {
  const firstNames = new Map<string, string>();
  return (entry) => {
    if (entry.type !== 'file') return entry;
    const { hardLinkTo = entry.path, ...plain } = entry;
    const file = byPath.get(hardLinkTo);
    if (file?.type !== 'file')
      throw new BuildError('CPIO_LINK_INVALID', `${entry.path}: hard link to ${hardLinkTo}, which is not a file`, {
        hint: 'Add the file, or correct the link.',
      });
    const first = firstNames.get(hardLinkTo);
    if (first !== undefined) return { ...plain, data: new Uint8Array(0), hardLinkTo: first };
    firstNames.set(hardLinkTo, entry.path);
    return { ...plain, data: file.data };
  };
}

function duplicate(entries: readonly Entry[], where: string): BuildError {
  const seen = new Set<string>();
  const twice = entries.find(({ path }) => seen.size === seen.add(path).size);
  return new BuildError('CPIO_PATH_DUPLICATE', `${where}${twice?.path} occurs twice`, { hint: 'Keep one of the two.' });
}

function notBelow(path: string, above: string, type: string, where: string): BuildError {
  return new BuildError('CPIO_NOT_A_DIRECTORY', `${where}${path} lies below ${above}, which is a ${type}`, {
    hint: type === 'symlink' ? `Use the path to which ${above} points: the kernel would write there.` : 'Move one of the two: the kernel would drop the other.',
  });
}
