import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@container-os/core';

interface Lock {
  sources: Record<string, { files: { name: string; sha256: string; size?: number; origin: string }[] }>;
}

/**
 * Makes `workspace` build its kernel and BusyBox from the small stand-ins beside this file, each as a pinned
 * archive in the store of the user cache `cache`. All other sources stay the real ones and are taken from the
 * user's own store where they are there.
 */
export function installStandIns(workspace: string, cache: string): void {
  const store = join(cache, 'store', 'sha256');
  mkdirSync(store, { recursive: true });
  const lockFile = join(workspace, 'os-images/demo-os/sources/debian.lock.json');
  const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
  for (const name of ['linux', 'busybox']) {
    const source = lock.sources[name];
    if (!source) throw new Error(`${lockFile} has no source "${name}"`);
    source.files = [pack(name, store)];
  }
  writeFileSync(lockFile, JSON.stringify(lock, null, 2));
  for (const { sha256 } of Object.values(lock.sources).flatMap(({ files }) => files)) {
    const stored = join(cacheDir('store'), 'sha256', sha256);
    if (!existsSync(join(store, sha256)) && existsSync(stored)) symlinkSync(stored, join(store, sha256));
  }
}

/** Packs `name` beside this file into an archive that the store has under its sha256. */
function pack(name: string, store: string): Lock['sources'][string]['files'][number] {
  const file = join(store, `${name}.tar.xz`);
  execFileSync('tar', ['--create', '--xz', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', `--file=${file}`, `--directory=${import.meta.dirname}`, name]);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  renameSync(file, join(store, sha256));
  return { name: `${name}-stand-in.tar.xz`, sha256, origin: `https://example.invalid/${name}-stand-in.tar.xz` };
}
