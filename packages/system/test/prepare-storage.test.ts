import { spawnSync } from 'node:child_process';
import { chmod, chown, copyFile, link, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileCopyUp } from '../src/programs/compile.ts';

/** Ids of the container on the OS. */
const FIRST = 655360;
const isRoot = process.getuid?.() === 0;

let root: string;
let programs: string;

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'copy-up-'));
  await compileCopyUp(programs, {});
});
afterAll(() => rm(programs, { recursive: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prepare-storage-'));
  await mkdir(join(root, 'bundle/rootfs'), { recursive: true });
  await write('run/container-os/data/mounted', '');
});
afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** Runs the script for the container counter, whose bundle has this file `service`, with its paths moved below `root`, and without mounting. */
async function prepare(service: string, { options = ['bind', 'idmap'], noIdmap = '' } = {}): Promise<{ status: number | null; stdout: string }> {
  for (const script of ['prepare-storage', 'volume.sh']) {
    const text = await readFile(join(import.meta.dirname, '../rootfs/usr/lib/container-os', script), 'utf8');
    await write(`usr/lib/container-os/${script}`, text.replaceAll(/(?<![\w$}"])\/(run|var\/lib|usr\/lib)\//g, `${root}/$1/`));
  }
  await copyFile(join(programs, 'copy-up'), join(root, 'usr/lib/container-os/copy-up'));
  await write('bin/mount', '#!/bin/sh\necho "mount $*" >>"${0%/*}/mounted"\n');
  await chmod(join(root, 'bin/mount'), 0o755);
  await write('bundle/service', `layer='' ids='${FIRST} 65536'\n${service}\n`);
  await write('bundle/config.json', JSON.stringify({ mounts: [{ destination: '/data', options }] }, null, 2));
  await mkdir(join(root, 'run/container-os/containers/counter'), { recursive: true });
  await rm(join(root, 'run/container-os/containers/counter/bundle'), { force: true });
  await symlink(join(root, 'bundle'), join(root, 'run/container-os/containers/counter/bundle'));
  if (noIdmap) await write('usr/lib/oci-runtime/no-idmap', noIdmap);
  const script = join(root, 'usr/lib/container-os/prepare-storage');
  const env = { ...process.env, PATH: `${root}/bin:${process.env['PATH']}` };
  const { status, stdout, stderr } = spawnSync('sh', [script, 'counter', 'locked'], { encoding: 'utf8', env });
  return { status, stdout: `${stdout}${stderr}` };
}

const volume = (...words: string[]): string => `volumes='${words[0]}'\nprepare_volumes() { volume ${words.map((word) => `'${word}'`).join(' ')}; }`;
const SHOP = volume('volumes/shop', '/data', '', 'copy', '');
const DONE = { status: 0, stdout: '' };
const onDisk = (path = ''): string => join(root, 'var/lib/container-os', path);
const inVolume = (path = ''): string => onDisk(join('volumes/shop', path));
const mounted = (): Promise<string> => readFile(join(root, 'bin/mounted'), 'utf8');

async function own(path: string, uid: number, gid = uid): Promise<void> {
  await chown(join(root, 'bundle/rootfs', path), FIRST + uid, FIRST + gid);
}

describe('a volume', () => {
  it('is made on the data disk', async () => {
    expect(await prepare(SHOP)).toEqual(DONE);
    expect((await stat(inVolume())).isDirectory()).toBe(true);
  });

  it('is refused with the reason, and not made, where the runtime cannot map ids', async () => {
    expect(await prepare(SHOP, { noIdmap: 'runc 1.1.12 has none\n' })).toEqual({
      status: 1,
      stdout: 'volume shop needs an id-mapped mount: runc 1.1.12 has none\n',
    });
    await expect(stat(inVolume())).rejects.toThrow('ENOENT');
  });

  it('is there all the same for a container with the ids of the OS', async () => {
    expect(await prepare(SHOP, { options: ['bind', 'ro'], noIdmap: 'runc 1.1.12 has none\n' })).toEqual(DONE);
  });

  it.each([
    ['volumes/shop', 'volume shop: no data disk (label containeros-data)\n'],
    ['anonymous/counter/1-data', 'volume /data: no data disk (label containeros-data)\n'],
  ])('%s without a data disk is refused, and says what is missing', async (directory, stdout) => {
    await rm(join(root, 'run/container-os/data/mounted'));
    await write('run/container-os/data/reason', 'no data disk (label containeros-data)\n');
    expect(await prepare(volume(directory, '/data', '', 'copy', ''))).toEqual({ status: 1, stdout });
  });

  it.runIf(isRoot)('belongs to the given user where the root has not got its place', async () => {
    expect(await prepare(volume('volumes/shop', '/data', '1000:100', 'copy', ''))).toEqual(DONE);
    expect(await stat(inVolume())).toMatchObject({ uid: 1000, gid: 100 });
  });
});

describe.runIf(isRoot)('an empty volume gets what the root has at its place', () => {
  beforeEach(async () => {
    await write('bundle/rootfs/var/data/.hidden', 'h');
    await write('bundle/rootfs/var/data/sub/file', 'f');
    await symlink('/var/data', join(root, 'bundle/rootfs/data'));
    await symlink('../../etc/passwd', join(root, 'bundle/rootfs/var/data/link'));
    await link(join(root, 'bundle/rootfs/var/data/sub/file'), join(root, 'bundle/rootfs/var/data/other'));
    await own('var/data', 1000, 1001);
    await own('var/data/.hidden', 0);
    await own('var/data/sub', 70000);
    await own('var/data/sub/file', 33);
    await chmod(join(root, 'bundle/rootfs/var/data'), 0o1770);
    await chmod(join(root, 'bundle/rootfs/var/data/sub/file'), 0o4755);
  });

  it('with owners as the container sees them, modes and links, also through a symbolic link of the root', async () => {
    expect(await prepare(SHOP)).toEqual(DONE);
    expect((await readdir(inVolume())).sort()).toEqual(['.hidden', 'link', 'other', 'sub']);
    expect(await stat(inVolume())).toMatchObject({ uid: 1000, gid: 1001, mode: 0o41770 });
    expect(await stat(inVolume('.hidden'))).toMatchObject({ uid: 0, gid: 0 });
    // An id that the container has not got is nobody's.
    expect(await stat(inVolume('sub'))).toMatchObject({ uid: 65534, gid: 65534 });
    expect(await stat(inVolume('sub/file'))).toMatchObject({ uid: 33, gid: 33, mode: 0o104755, nlink: 2, ino: (await stat(inVolume('other'))).ino });
    expect((await lstat(inVolume('link'))).isSymbolicLink()).toBe(true);
    expect(await readdir(onDisk('copying/volumes'))).toEqual([]);
    expect(await readdir(onDisk('copied/volumes'))).toEqual([]);
  });

  it('but not one that has something, nor with nocopy', async () => {
    await mkdir(inVolume(), { recursive: true });
    await writeFile(inVolume('mine'), '');
    expect(await prepare(SHOP)).toEqual(DONE);
    expect(await readdir(inVolume())).toEqual(['mine']);
    await rm(inVolume('mine'));
    expect(await prepare(volume('volumes/shop', '/data', '', 'nocopy', ''))).toEqual(DONE);
    expect(await readdir(inVolume())).toEqual([]);
  });

  it('anew where the power was cut before the copy was whole', async () => {
    await mkdir(onDisk('copying/volumes/shop'), { recursive: true });
    await writeFile(onDisk('copying/volumes/shop/half'), '');
    expect(await prepare(SHOP)).toEqual(DONE);
    expect((await readdir(inVolume())).sort()).toEqual(['.hidden', 'link', 'other', 'sub']);
  });

  it('and the rest where the power was cut while a whole copy was moved', async () => {
    await mkdir(onDisk('copied/volumes/shop'), { recursive: true });
    await writeFile(onDisk('copied/volumes/shop/rest'), '');
    await mkdir(inVolume('moved'), { recursive: true });
    expect(await prepare(SHOP)).toEqual(DONE);
    expect((await readdir(inVolume())).sort()).toEqual(['moved', 'rest']);
  });

  it('and keeps an owner that it was given while it was empty', async () => {
    await mkdir(join(root, 'bundle/rootfs/empty'));
    await own('empty', 5);
    const empty = volume('volumes/shop', '/empty', '', 'copy', '');
    expect(await prepare(empty)).toEqual(DONE);
    expect(await stat(inVolume())).toMatchObject({ uid: 5 });
    await chown(inVolume(), 6, 6);
    expect(await prepare(empty)).toEqual(DONE);
    expect(await stat(inVolume())).toMatchObject({ uid: 6 });
  });
});

describe('a directory of a volume', () => {
  const sub = (path: string): string => volume('volumes/shop', '/data', '', 'copy', path);

  it('is mounted where the configuration looks for it', async () => {
    await mkdir(inVolume('a/b'), { recursive: true });
    expect(await prepare(sub('a/b'))).toEqual(DONE);
    expect(await mounted()).toBe(`mount -o bind . ${root}/run/container-os/containers/counter/subpaths/0\n`);
  });

  it('has to be there', async () => {
    expect(await prepare(sub('a/b'))).toEqual({ status: 1, stdout: 'volume shop: there is no directory a/b in it\n' });
  });

  it('does not lead out of the volume', async () => {
    await mkdir(inVolume(), { recursive: true });
    await symlink('/etc', inVolume('a'));
    expect(await prepare(sub('a'))).toEqual({ status: 1, stdout: 'volume shop: a leads out of it\n' });
  });
});

describe('the writable layer', () => {
  const kind = async (): Promise<string> => readFile(join(root, 'run/container-os/containers/counter/writable-layer'), 'utf8');

  it('is on the data disk where there is one, and lasts while the root is the same', async () => {
    expect(await prepare("volumes='' layer=auto root=one")).toEqual(DONE);
    expect(await kind()).toBe('disk\n');
    expect(await mounted()).toContain(`upperdir=${onDisk('layers/counter/upper')}`);
    await writeFile(onDisk('layers/counter/upper/mine'), '');
    expect(await prepare("volumes='' layer=auto root=one")).toEqual(DONE);
    expect(await readdir(onDisk('layers/counter/upper'))).toEqual(['mine']);
    expect(await prepare("volumes='' layer=auto root=two")).toEqual(DONE);
    expect(await readdir(onDisk('layers/counter/upper'))).toEqual([]);
    expect(await readFile(onDisk('layers/counter/root'), 'utf8')).toBe('two\n');
  });

  it('is in memory without a data disk', async () => {
    await rm(join(root, 'run/container-os/data/mounted'));
    expect(await prepare("volumes='' layer=auto root=one")).toEqual(DONE);
    expect(await kind()).toBe('memory\n');
  });

  it('is in memory for a container that was created at run time, which is gone after a reboot', async () => {
    expect(await prepare("volumes='' layer=auto")).toEqual(DONE);
    expect(await kind()).toBe('memory\n');
  });

  it('that has to be on the disk is refused without one', async () => {
    await rm(join(root, 'run/container-os/data/mounted'));
    expect(await prepare("volumes='' layer=disk root=one")).toEqual({ status: 1, stdout: 'writable layer: the data disk is being checked\n' });
  });
});
