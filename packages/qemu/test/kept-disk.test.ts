import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dataDisk, keptDisk } from '../src/run/kept-disk.ts';

let root: string;
let context: Parameters<typeof dataDisk>[0];
const told: string[] = [];
const old = (): string => context.artifact('data.img');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kept disk-'));
  vi.stubEnv('XDG_STATE_HOME', join(root, 'state'));
  told.length = 0;
  const log = { info: (text: string) => told.push(text), warn: (text: string) => told.push(text) } as unknown as typeof context.log;
  context = { image: 'demo', workspaceRoot: join(root, 'workspace'), artifact: (name) => join(root, 'workspace/dist/os-images/demo', name), log };
  await mkdir(dirname(old()), { recursive: true });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

it("the data disk is the user's: it outlives dist", async () => {
  const path = await keptDisk(await dataDisk(context), 1);
  expect((await stat(path)).size).toBe(1024 * 1024);
  await writeFile(path, 'mine');
  await rm(join(root, 'workspace'), { recursive: true });
  expect(await readFile(await keptDisk(await dataDisk(context), 1), 'utf8')).toBe('mine');
});

it('one that lies in dist is moved, and says where to', async () => {
  await writeFile(old(), 'mine');
  const path = await dataDisk(context);
  expect(existsSync(old())).toBe(false);
  expect(await readFile(path, 'utf8')).toBe('mine');
  expect(told).toEqual([`${old()} has moved to ${path}`]);
});

it('one that lies in dist beside a newer one stays, and is named', async () => {
  const path = await keptDisk(await dataDisk(context), 1);
  await writeFile(old(), 'of yesterday');
  expect(await dataDisk(context)).toBe(path);
  expect(existsSync(old())).toBe(true);
  expect(told).toEqual([`${old()} is not used: the data disk is ${path}`]);
});

it('has holes where nothing was written, on another file system too', async () => {
  const elsewhere = await mkdtemp('/dev/shm/kept-disk-');
  try {
    vi.stubEnv('XDG_STATE_HOME', elsewhere);
    await keptDisk(old(), 64);
    expect((await stat(await dataDisk(context))).blocks).toBeLessThan(100);
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});
