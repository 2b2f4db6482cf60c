import { BuildError } from '@container-os/core';
import { readFile } from 'node:fs/promises';
import type { Channel, Receipt } from './receipt.ts';

/** A pin in a lock file: the source, and where a newer version would be found. */
export interface Pin extends Omit<Receipt, 'name' | 'channel'> {
  /** Debian only: package, suite, and which of its files count. */
  debian?: { package: string; suite: string; kind: 'binary' | 'source' };
}

/** A lock file: one for each channel. */
export interface Lock {
  channel: Channel;
  sources: Record<string, Pin>;
}

/** Reads a lock file of `channel`; `LOCK_INVALID` when it is none. */
export async function readLock(file: string, channel: Channel): Promise<Lock> {
  const lock = await readFile(file, 'utf8').then((text) => JSON.parse(text) as Lock).catch((cause: unknown) => {
    throw new BuildError('LOCK_INVALID', `${file}: cannot be read as JSON`, { cause, hint: 'Restore the lock file from version control.' });
  });
  if (lock.channel !== channel) throw new BuildError('LOCK_INVALID', `${file}: channel is "${lock.channel}", expected "${channel}"`, { hint: 'Name the lock file of that channel.' });
  for (const [name, { files = [] }] of Object.entries(lock.sources)) {
    const bad = files.find(({ sha256 }) => !/^[0-9a-f]{64}$/.test(sha256));
    if (files.length === 0 || bad) throw new BuildError('LOCK_INVALID', `${file}: source "${name}" ${bad ? `has no sha256 for ${bad.name}` : 'has no files'}`, { hint: 'Nothing unverified is built: pin it with nx run <image>:update-sources.' });
  }
  return lock;
}
