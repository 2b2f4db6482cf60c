import { fileEntry, symlinkEntry, toTree, type Entry } from '@container-os/cpio';
import { readTree } from '@container-os/cpio/fs';
import { join } from 'node:path';
import { globbySync } from 'globby';
import { describe, expect, it } from 'vitest';
import { infer } from '../packages/image/src/infer/infer.ts';
import { makeConfig } from '../packages/oci-bundle/src/config.ts';
import { checkDefinition } from '../packages/oci-bundle/src/definition.ts';
import { requireProgram } from '../packages/oci-bundle/src/program.ts';
import { byPath } from '../packages/oci-bundle/src/root-view.ts';
import { assembleRootfs, mountPoints } from '../packages/oci-bundle/src/rootfs.ts';
import { validateRootfs } from '../packages/oci-bundle/src/validate.ts';
import { elf } from '../packages/oci-bundle/test/elf.ts';
import { PROFILE } from '../packages/oci-bundle/test/profile.ts';
import { rootfsOf } from '../packages/oci-bundle/test/start-cases.ts';
import { root } from './files.ts';

const BUSYBOX: Entry[] = [fileEntry('bin/busybox', elf(), 0o755), ...['sh', 'true', 'wget', 'sleep'].map((name) => symlinkEntry(`bin/${name}`, 'busybox'))];

interface Bundle {
  rootfs: string[];
  service: object;
}

const bundles = globbySync('os-images/*/compose.yaml', { cwd: root }).flatMap((file) =>
  Object.entries(infer(file, root).projects).flatMap(([directory, { targets = {} }]) =>
    Object.entries(targets)
      // Of an OCI image, the bundle is made and looked at when the image is there.
      .filter(([name, { options }]) => name.startsWith('bundle-') && (options as Partial<Bundle>).rootfs !== undefined)
      .map(([name, { options }]) => ({ name: `${file}: ${name}`, directory, ...(options as Bundle) })),
  ),
);

describe('every container of the images of this repository', () => {
  it('is looked at', () => {
    expect(bundles.length).toBeGreaterThan(3);
  });

  it.each(bundles)('$name can start', async ({ name, directory, rootfs: parts, service }) => {
    const definition = checkDefinition(name, { ...service, rootfs: parts });
    const own = await Promise.all(
      parts.filter((part) => part.startsWith('./')).map(async (part) => ({ name: part, entries: await readTree(join(root, directory, part)) })),
    );
    const busybox = rootfsOf(BUSYBOX).filter(({ path }) => /^(bin|etc)(\/|$)/.test(path));
    const rootfs = assembleRootfs([{ name: 'busybox', entries: busybox }, ...own]);
    const config = makeConfig('web', { definition, patches: [], profile: PROFILE });
    const tree = byPath(toTree([...rootfs, ...mountPoints(rootfs, config)]));
    validateRootfs('web', config, tree);
    requireProgram('web', tree, config, definition.healthcheck);
  });
});
