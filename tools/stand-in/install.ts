import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@container-os/core';
import { packTree } from '@container-os/sources/testing';
import { root } from '../files.ts';
import { BASE } from './targets.ts';

/** Small trees that answer the make calls of a build. */
const STAND_INS = {
  linux: 'packages/kernel/test/stand-in/linux',
  busybox: 'packages/busybox/test/stand-in/busybox',
  crun: 'packages/crun/test/stand-in/crun',
  libseccomp: 'packages/crun/test/stand-in/libseccomp',
  libcap: 'packages/crun/test/stand-in/libcap',
};

const LOCK = `${BASE.root}/sources/debian.lock.json`;

interface Lock {
  sources: Record<string, { files: { name: string; sha256: string; size?: number; origin: string }[] }>;
}

/**
 * Makes `workspace` build its kernel, BusyBox and crun from small stand-ins, each as a pinned archive in the store of
 * the user cache `cache`. All other sources stay the real ones.
 */
export function installStandIns(workspace: string, cache: string): void {
  const store = join(cache, 'store', 'sha256');
  const lockFile = join(workspace, LOCK);
  const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
  for (const [name, tree] of Object.entries(STAND_INS)) {
    const source = lock.sources[name];
    if (!source) throw new Error(`${lockFile} has no source "${name}"`);
    source.files = [pack(name, join(root, tree), store)];
  }
  writeFileSync(lockFile, JSON.stringify(lock, null, 2));
}

/** Gives the user cache `cache` what the user's own store has of demo-os's sources. */
export function shareStore(workspace: string, cache: string): void {
  const store = join(cache, 'store', 'sha256');
  mkdirSync(store, { recursive: true });
  const lock = JSON.parse(readFileSync(join(workspace, LOCK), 'utf8')) as Lock;
  for (const { sha256 } of Object.values(lock.sources).flatMap(({ files }) => files)) {
    const stored = join(cacheDir('store'), 'sha256', sha256);
    if (!existsSync(join(store, sha256)) && existsSync(stored)) symlinkSync(stored, join(store, sha256));
  }
}

/** Packs a tree into an archive that the store has under its sha256. */
function pack(name: string, tree: string, store: string): Lock['sources'][string]['files'][number] {
  const archive = packTree(tree);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  writeFileSync(join(store, sha256), archive);
  return { name: `${name}-stand-in.tar.xz`, sha256, origin: `https://example.invalid/${name}-stand-in.tar.xz` };
}
