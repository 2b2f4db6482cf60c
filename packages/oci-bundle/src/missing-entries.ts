import { BuildError } from '@container-os/core';
import { directoryEntry, fileEntry, type Entry } from '@container-os/cpio';
import type { OciConfig } from './oci-config.ts';
import { isFileOfOs, type Shown } from './rootfs.ts';
import { canonical, type Root } from './root-view.ts';

/**
 * What the root of an OCI image lacks of the places that a container needs: mount points and the working directory, with the directories above, where
 * the root's symlinks lead; sorted. On the OS the root is on a read-only medium, so that the runtime cannot make them.
 *
 * @throws BuildError OCI_CONFIG_INVALID for a place below a file
 */
export function missingEntries(container: string, root: Root, config: OciConfig, shown: Shown = new Map()): Entry[] {
  const { mounts = [], process } = config;
  const places = mounts.map((mount) => ({ path: canonical(root, mount.destination), isFile: shown.get(mount.destination) === 'file' || isFileOfOs(mount) }));
  const outermost = places.filter(({ path }) => !places.some((other) => path.startsWith(`${other.path}/`)));
  const isMounted = (directory: string): boolean => places.some(({ path }) => `${directory}/`.startsWith(`${path}/`));
  const directories = [canonical(root, process.cwd)].filter((path) => !isMounted(path));
  const added = new Map<string, Entry>();
  for (const { path, isFile } of [...outermost, ...directories.map((path) => ({ path, isFile: false }))]) {
    const parts = path.split('/').filter((part) => part !== '');
    for (const [index] of parts.entries()) {
      const at = parts.slice(0, index + 1).join('/');
      const isLast = index === parts.length - 1;
      const there = root.get(at) ?? added.get(at);
      if (!there) added.set(at, isLast && isFile ? fileEntry(at, '') : directoryEntry(at));
      else if (!isLast && there.type !== 'directory') throw below(container, path, at, there);
    }
  }
  return [...added.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function below(container: string, path: string, above: string, { type }: Entry): BuildError {
  return new BuildError('OCI_CONFIG_INVALID', `container "${container}" needs ${path}, but /${above} is a ${type} in its OCI image`, {
    hint: 'Correct the mount or the working directory of the service, or the image.',
  });
}
