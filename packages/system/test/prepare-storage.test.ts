import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prepare-storage-'));
});

afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** Runs the script, its paths moved below a directory with a data disk, for the container counter. */
async function prepare(service: string, mountOptions: string[], noIdmap?: string): Promise<{ status: number | null; stdout: string }> {
  const script = join(root, 'prepare-storage');
  const text = await readFile(join(import.meta.dirname, '../rootfs/usr/lib/container-os/prepare-storage'), 'utf8');
  await writeFile(script, text.replaceAll(/(?<![\w$}])\/(run|var\/lib|usr\/lib)\//g, `${root}/$1/`));
  await chmod(script, 0o755);
  await write('bundle/service', service);
  await write('bundle/config.json', JSON.stringify({ mounts: [{ destination: '/data', options: mountOptions }] }, null, 2));
  await write('run/container-os/data/mounted', '');
  await mkdir(join(root, 'run/container-os/containers/counter'), { recursive: true });
  await symlink(join(root, 'bundle'), join(root, 'run/container-os/containers/counter/bundle'));
  if (noIdmap) await write('usr/lib/oci-runtime/no-idmap', noIdmap);
  const { status, stdout } = spawnSync(script, ['counter'], { encoding: 'utf8' });
  return { status, stdout };
}

const made = (): Promise<boolean> =>
  stat(join(root, 'var/lib/container-os/volumes/shop')).then(
    () => true,
    () => false,
  );

it('a volume is made on the data disk', async () => {
  expect(await prepare("volumes='volumes/shop' layer=''", ['bind', 'idmap'])).toEqual({ status: 0, stdout: '' });
  expect(await made()).toBe(true);
});

it('where the runtime cannot map ids, a volume that needs it is refused with the reason, and not made', async () => {
  expect(await prepare("volumes='volumes/shop:1000:1000 volumes/other' layer=''", ['bind', 'idmap'], 'runc 1.1.12 has none\n')).toEqual({
    status: 1,
    stdout: 'volume shop needs an id-mapped mount: runc 1.1.12 has none\n',
  });
  expect(await made()).toBe(false);
});

it('a container with the ids of the OS has its volume all the same', async () => {
  expect(await prepare("volumes='volumes/shop' layer=''", ['bind', 'ro'], 'runc 1.1.12 has none\n')).toEqual({ status: 0, stdout: '' });
  expect(await made()).toBe(true);
});
