import { execa } from 'execa';
import { expect, test } from 'vitest';
import { root } from './files.ts';
import { nxEnvironment } from './workspace-copy.ts';

test.each([
  { file: 'README.md', images: [] },
  { file: 'docs/guide.md', images: [] },
  { file: '.github/workflows/main.yml', images: [] },
  { file: 'tools/nx.ts', images: [] },
  { file: 'packages/cache-server/package.json', images: [] },
  { file: 'packages/kernel/src/kernel/executor.ts', images: ['demo-os'] },
  { file: 'packages/kbuild/src/make.ts', images: ['demo-os'] },
  { file: 'packages/system/rootfs/etc/fstab', images: ['demo-os'] },
  { file: 'packages/core/tools.json', images: ['demo-os'] },
  { file: 'packages/image/bases/vm/kernel/network.config', images: ['demo-os'] },
  { file: 'packages/image/bases/vm/base.json', images: ['demo-os'] },
  { file: 'os-images/demo-os/compose.yaml', images: ['demo-os'] },
  { file: 'os-images/demo-os/network/10-cni0.conflist', images: ['demo-os'] },
  { file: 'tools/mutations.ts', images: [] },
])('a change of $file builds $images', async ({ file, images }) => {
  const nx = ['nx', 'show', 'projects', '--affected', '--with-target=iso', '--json', `--files=${file}`];
  const { stdout } = await execa('npx', nx, { cwd: root, env: nxEnvironment(), extendEnv: false });
  expect(JSON.parse(stdout)).toEqual(images);
});
