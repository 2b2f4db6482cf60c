import { readManifest } from '@container-os/core';
import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import e2fsprogs from '../src/executor.ts';

const workspace = useWorkspace();

it('a channel without the source has an image without the programs, and a warning', async () => {
  await mkdir(workspace.artifact('sources'), { recursive: true });
  expect(await workspace.run(e2fsprogs, 'e2fsprogs', {})).toBe(true);
  expect(workspace.written).toContain('neither create nor check a data disk');
  expect(await readLayer(join(workspace.artifact('e2fsprogs'), 'layer.cpio'))).toEqual([]);
  expect(await readManifest(workspace.artifact('e2fsprogs'))).toMatchObject({ name: 'e2fsprogs' });
});
