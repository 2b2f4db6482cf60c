import { execa } from 'execa';
import { chmodSync, cpSync, existsSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, start, type Running } from '../packages/cache-server/test/running.ts';
import { sha256File } from '@container-os/core';
import { root } from './files.ts';
import { nxRun, type NxRun } from './nx.ts';
import { createStandInWorkspace } from './stand-in/workspace.ts';

/** A clone and all that its user has; two of them share nothing but the cache server. */
interface Clone {
  directory: string;
  home: string;
  /** Words before a command that make it another user's, with another umask. */
  as: string[];
}

const workspace = createStandInWorkspace();
const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
const a: Clone = { directory: workspace.directory, home: join(workspace.base, 'home'), as: [] };
const b: Clone = { directory: join(elsewhere, 'in/a/much/deeper/directory/workspace'), home: join(elsewhere, 'home'), as: [] };
const NOBODY = 65534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'sh', '-c', 'umask 077; exec "$@"', '-'];
const PAGE = 'os-images/demo-os/containers/web/rootfs/edited';
let server: Running;
let first: NxRun;

beforeAll(async () => {
  cpSync(a.directory, b.directory, { recursive: true, verbatimSymlinks: true });
  const { exitCode } = await execa(AS_NOBODY[0] ?? '', [...AS_NOBODY.slice(1), 'test', '-r', join(root, 'package.json')], { reject: false });
  if (exitCode === 0) b.as = AS_NOBODY;
  for (const { home } of [a, b]) mkdirSync(home);
  server = await start();
  own();
  first = await build(a, 'main');
  expect(first.exitCode, first.output).toBe(0);
});
afterAll(async () => {
  await server.close();
  workspace.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

/** `nx run demo-os:iso` with the relay, as the workflows run it. */
async function build(clone: Clone, token: string): Promise<NxRun> {
  const env = {
    HOME: clone.home,
    CONTAINER_OS_CACHE: clone === a ? workspace.cache : join(clone.home, 'cache'),
    NX_CACHE_DIRECTORY: join(clone.directory, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(clone.directory, '.nx/workspace-data'),
    REMOTE_CACHE_URL: server.url,
    NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: server.tokens[token],
  };
  return nxRun(clone.directory, 'demo-os:iso', env, [...clone.as, 'tools/with-remote-cache.sh']);
}

/** Gives all of clone B to its user. */
function own(): void {
  if (b.as.length === 0) return;
  for (const path of readdirSync(elsewhere, { recursive: true, encoding: 'utf8' })) lchownSync(join(elsewhere, path), NOBODY, NOBODY);
  chmodSync(elsewhere, 0o755);
}

/** Changes a container's file in clone B. */
function edit(text: string): void {
  writeFileSync(join(b.directory, PAGE), text);
  own();
}

/** By path, the sha256 of each file of the artifacts. */
async function artifacts({ directory }: Clone): Promise<Record<string, string>> {
  const base = join(directory, 'dist');
  const entries = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  // A build that compiles nothing has no logs.
  const files = entries.map(({ parentPath, name }) => join(parentPath, name)).filter((file) => !relative(base, file).startsWith('logs/'));
  return Object.fromEntries(await Promise.all(files.sort().map(async (file) => [relative(base, file), await sha256File(file)])));
}

/** The hashes of the requests that ended so, sorted. */
const audited = (outcome: string): unknown[] =>
  server
    .audit()
    .filter((one) => one['outcome'] === outcome)
    .map(({ hash }) => hash)
    .sort();
const uploads = (): unknown[] => audited('created');

it('the first clone builds everything, and uploads it', () => {
  expect(first.cached).toEqual([]);
  expect(uploads()).toEqual(Object.values(first.hashes).sort());
});

it('another clone, of another user in another place, compiles nothing and has the same bytes', async () => {
  const { exitCode, output, built, fetched, hashes } = await build(b, 'reader');
  expect(exitCode, output).toBe(0);
  expect({ built, fetched }).toEqual({ built: [], fetched: first.built });
  expect(hashes).toEqual(first.hashes);
  expect(existsSync(join(b.directory, 'dist/logs'))).toBe(false);
  const files = await artifacts(a);
  expect(Object.keys(files)).toContain('os-images/demo-os/demo-os.iso');
  expect(await artifacts(b)).toEqual(files);
});

it('it builds what it changes, may not upload that, and goes on', async () => {
  const store = join(b.home, 'cache/store/sha256');
  for (const file of pinned()) cpSync(join(workspace.cache, 'store/sha256', file), join(store, file), { dereference: true });
  edit('edited');
  const before = uploads();
  const { exitCode, output, built, hashes } = await build(b, 'reader');
  expect(exitCode, output).toBe(0);
  expect(built).toEqual(['bundle-web', 'iso', 'rootfs']);
  expect(uploads()).toEqual(before);
  expect((await ask(server, 'GET', hashes['iso'] ?? '', 'reader')).status).toBe(404);
  expect(audited('read-only')).toEqual(built.map((task) => hashes[task]).sort());
});

it('it builds all the same when the server is gone', async () => {
  await server.close();
  edit('edited again');
  const { exitCode, output, built } = await build(b, 'reader');
  expect(exitCode, output).toBe(0);
  expect(built).toEqual(['bundle-web', 'iso', 'rootfs']);
  expect(output).toContain('treated as misses, by reason: 6 connect');
});

/** sha256 of the archives that the image is made of. */
function pinned(): string[] {
  const lock = JSON.parse(readFileSync(join(b.directory, 'packages/image/bases/vm/sources/debian.lock.json'), 'utf8')) as {
    sources: Record<string, { files: { sha256: string }[] }>;
  };
  return Object.values(lock.sources).flatMap(({ files }) => files.map(({ sha256 }) => sha256));
}
