import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { qemuArgv } from '../src/guest/machine.ts';
import { secretsIn } from '../src/guest/secrets.ts';

it('QEMU hands over the files of a directory, by their names', async () => {
  const imageRoot = await mkdtemp(join(tmpdir(), 'secrets-'));
  await mkdir(join(imageRoot, 'secrets/folder'), { recursive: true });
  await writeFile(join(imageRoot, 'secrets/db'), 's3cr3t');
  await writeFile(join(imageRoot, 'secrets/.gitignore'), '*');
  const secrets = await secretsIn('./secrets', { imageRoot });
  const argv = qemuArgv({
    boot: 'direct',
    accelerator: 'tcg',
    memory: 64,
    artifacts: { kernel: 'k', initramfs: 'i' },
    cmdline: '',
    console: 'stdout',
    secrets,
  });
  expect(argv.flatMap((word, index) => (word === '-fw_cfg' ? [argv[index + 1]] : []))).toEqual([
    `name=opt/org.container-os/secrets/db,file=${imageRoot}/secrets/db`,
  ]);
  expect(await secretsIn(undefined, { imageRoot })).toEqual({});
  await expect(secretsIn('./none', { imageRoot })).rejects.toThrow(/FILE_MISSING|no such directory/);
  await rm(imageRoot, { recursive: true });
});
