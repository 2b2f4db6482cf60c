import { useWorkspace } from '@container-os/core/testing';
import { readLayer } from '@container-os/cpio/fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import cosctl from '../src/executor.ts';

const workspace = useWorkspace();

it('a channel without QuickJS makes an image without cosctl, and says so', async () => {
  await mkdir(workspace.artifact('sources'), { recursive: true });
  expect(await workspace.run(cosctl, 'cosctl', {})).toBe(true);
  expect(workspace.written).toContain('warning: the lock file of this channel has no source "quickjs"');
  expect(await readLayer(join(workspace.artifact('cosctl'), 'layer.cpio'))).toEqual([]);
});
