import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { fileEntry } from '@container-os/cpio';
import { readTree, writeLayer } from '@container-os/cpio/fs';
import { execFileSync } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import rootfs from '../src/executor.ts';

const MiB = 1 << 20;
const workspace = useWorkspace();

/** A layer of `count` files of 512 MiB: zeros, and a text at the end. */
async function writeLarge(count: number): Promise<void> {
  const [directory, tree] = [workspace.artifact('large'), join(workspace.root, 'tree')];
  await mkdir(tree);
  await mkdir(directory, { recursive: true });
  for (let index = 0; index < count; index++) {
    const file = await open(join(tree, `part${index}`), 'w');
    await file.write(`the end of part ${index}`, 512 * MiB);
    await file.close();
  }
  await writeLayer(join(directory, 'layer.cpio'), [fileEntry('sbin/init', '#!/bin/sh\n', 0o755), ...(await readTree(tree, { below: 'srv' }))]);
  await rm(tree, { recursive: true });
}

it('a root above 2 GiB becomes a squashfs, and memory does not grow with it', async () => {
  await writeLarge(5);
  expect(await workspace.run(rootfs, 'rootfs', { layers: ['large'], compression: 'lz4', overrides: {} }, { dependsOn: ['large'] }), workspace.written).toBe(
    true,
  );
  const image = join(workspace.artifact('rootfs'), 'rootfs.squashfs');
  expect(execFileSync('sh', ['-c', `unsquashfs -cat ${image} srv/part4 | tail -c 17`], { encoding: 'utf8' })).toBe('the end of part 4');
  expect((await readManifest(workspace.artifact('rootfs'))).details?.['uncompressedBytes']).toBeGreaterThan(5 * 512 * MiB);
  // KiB, of this process. Vitest alone takes a quarter of it.
  expect(process.resourceUsage().maxRSS).toBeLessThan(512 * 1024);
});
