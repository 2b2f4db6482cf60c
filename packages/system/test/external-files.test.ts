import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';

const LIBRARY = join(import.meta.dirname, '../rootfs/usr/lib/container-os');
const STATE = 'run/container-os/containers/web';
const FW_CFG = 'sys/firmware/qemu_fw_cfg/by_name/opt/org.container-os/secrets/db/raw';
const DISK = 'var/lib/container-os/secrets/db';
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'external-files-'));
  for (const name of ['external-files', 'state.sh', 'wait.sh', 'report.sh']) {
    const text = await readFile(join(LIBRARY, name), 'utf8');
    await write(`usr/lib/container-os/${name}`, text.replaceAll(/(?<![\w$}])\/(run|sys|var\/lib|usr\/lib)\//g, `${root}/$1/`));
  }
  // Debian's dash has no usleep.
  await write('bin/usleep', '#!/bin/sh\nexec sleep 0.05\n');
  await write('bundle/service', `files='1:secrets/db:${process.getuid!()}:${process.getgid!()}:440'\n`);
  await mkdir(join(root, STATE), { recursive: true });
  await symlink(join(root, 'bundle'), join(root, STATE, 'bundle'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  await chmod(join(root, path), 0o755);
}

const script = (): [string, string[], { env: NodeJS.ProcessEnv }] => [
  join(root, 'usr/lib/container-os/external-files'),
  ['web'],
  { env: { PATH: `${join(root, 'bin')}:${process.env['PATH']}` } },
];
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '');

async function waiting(): Promise<ChildProcess> {
  const child = spawn(...script());
  for (let tries = 0; (await read(`${STATE}/status`)) !== 'waiting\n'; tries++) {
    expect(tries).toBeLessThan(200);
    await setTimeout(50);
  }
  return child;
}

it('a secret is put into memory with its mode: that of the disk, before that of QEMU', async () => {
  await write(FW_CFG, 'of qemu');
  expect(spawnSync(...script()).status).toBe(0);
  expect(await read(`${STATE}/files/1`)).toBe('of qemu');
  await write(DISK, 'of the disk');
  expect(spawnSync(...script()).status).toBe(0);
  expect(await read(`${STATE}/files/1`)).toBe('of the disk');
  expect((await stat(join(root, STATE, 'files/1'))).mode & 0o7777).toBe(0o440);
  expect(await read(`${STATE}/status`)).toBe('');
});

it('the container waits for one that is not there, and says so', async () => {
  const child = await waiting();
  expect(await read(`${STATE}/reason`)).toMatch(
    /^waits for the secret "db": expected the file .*\/secrets\/db, or opt\/org.container-os\/secrets\/db from QEMU\n$/,
  );
  expect(await read('run/container-os/events')).toContain('"event":"waiting"');
  await write(DISK, 'late');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect([await read(`${STATE}/files/1`), await read(`${STATE}/status`), await read(`${STATE}/reason`)]).toEqual(['late', 'starting\n', '']);
});

it('a container that is stopped meanwhile does not start', async () => {
  const child = await waiting();
  await write(`${STATE}/stopping`, '');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).not.toBe(0);
});
