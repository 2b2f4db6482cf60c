import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const DATA = 'var/lib/container-os';
const OWNER = `${process.getuid!()}:${process.getgid!()}`;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prepare-binds-'));
  const text = await readFile(join(import.meta.dirname, '../rootfs/usr/lib/container-os/prepare-binds'), 'utf8');
  await write('prepare-binds', text.replaceAll(/(?<![\w$}])\/(run|var\/lib|usr\/lib)\//g, `${root}/$1/`));
  await chmod(join(root, 'prepare-binds'), 0o755);
  await write('bundle/config.json', '{}');
  await write('run/container-os/data/mounted', '');
  await mkdir(join(root, 'run/container-os/containers/web'), { recursive: true });
  await symlink(join(root, 'bundle'), join(root, 'run/container-os/containers/web/bundle'));
  await write('image/0/a b', 'seed');
  await symlink('a b', join(root, 'image/0/link'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function prepare(...lines: string[]): Promise<{ status: number | null; stdout: string }> {
  await write('bundle/service', `prepare_binds() {\n${lines.join('\n')}\n}\n`);
  const { status, stdout } = spawnSync(join(root, 'prepare-binds'), ['web'], { encoding: 'utf8' });
  return { status, stdout };
}

const COPY = (): string => `copy '${root}/image/0' 'binds/a%2Fb' '${OWNER}'`;

it('a copy is made once: what is written to it stays', async () => {
  expect(await prepare(COPY())).toEqual({ status: 0, stdout: '' });
  expect(await readFile(join(root, DATA, 'binds/a%2Fb/a b'), 'utf8')).toBe('seed');
  expect(await readlink(join(root, DATA, 'binds/a%2Fb/link'))).toBe('a b');
  await write(`${DATA}/binds/a%2Fb/a b`, 'mine');
  expect(await prepare(COPY())).toEqual({ status: 0, stdout: '' });
  expect(await readFile(join(root, DATA, 'binds/a%2Fb/a b'), 'utf8')).toBe('mine');
  expect(await readdir(join(root, DATA, 'binds/a%2Fb'))).toEqual(['a b', 'link']);
});

it('what a cut left of a copy is made anew', async () => {
  await write(`${DATA}/binds/a%2Fb.partial/half`, '');
  expect(await prepare(COPY())).toEqual({ status: 0, stdout: '' });
  expect(await readdir(join(root, DATA, 'binds'))).toEqual(['a%2Fb']);
  expect(await readdir(join(root, DATA, 'binds/a%2Fb'))).toEqual(['a b', 'link']);
});

it('a directory of the data disk is made with those above, and left alone when it is there', async () => {
  expect(await prepare(`directory 'data/srv/my media' '${OWNER}'`)).toEqual({ status: 0, stdout: '' });
  expect((await stat(join(root, DATA, 'data/srv/my media'))).isDirectory()).toBe(true);
  expect(await prepare(`directory 'data/srv/my media' 'nobody-of-that-name'`)).toEqual({ status: 0, stdout: '' });
});

it('without a data disk the container does not start, and says why; nothing is made', async () => {
  await rm(join(root, 'run/container-os/data/mounted'));
  await write('run/container-os/data/reason', 'no data disk (label containeros-data)\n');
  expect(await prepare(`directory 'data/srv/media' '${OWNER}'`)).toEqual({ status: 1, stdout: '/srv/media: no data disk (label containeros-data)\n' });
  expect(await prepare(COPY())).toEqual({ status: 1, stdout: 'a%2Fb: no data disk (label containeros-data)\n' });
  await expect(stat(join(root, DATA))).rejects.toThrow();
});

it('a path that the OS lacks is named where it cannot be made', async () => {
  expect(await prepare(`of_os '${root}/run/udev'`)).toEqual({ status: 0, stdout: '' });
  expect(await prepare(`of_os '${root}/bundle/service/x'`)).toEqual({ status: 1, stdout: `the OS has no ${root}/bundle/service/x\n` });
});
