import { BuildError, ifThere, parseJson } from '@container-os/core';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Channel, Receipt } from './receipt.ts';

/** Where Debian has what a pin pins, for looking up its current version. */
export interface DebianPackage {
  package: string;
  /** For example `sid` or `bookworm-security`. */
  suite: string;
  /**
   * `program`: the binary package and those with the shared libraries it needs. `archive`: the binary
   * package alone. `source`: the upstream archive (`.orig.tar`) of the source package.
   */
  kind: 'program' | 'archive' | 'source';
  /** Binary packages of the same suite that are fetched beside an `archive`; the version is that of `package`. */
  with?: string[];
}

/** A pin in a lock file. */
export interface Pin extends Pick<Receipt, 'version' | 'licence' | 'files'> {
  /** Channel debian only. */
  debian?: DebianPackage;
}

/** A lock file: what a channel's sources are, to the byte. */
export interface Lock {
  channel: Channel;
  sources: Record<string, Pin>;
}

/** Reads the lock file of `channel`; `LOCK_INVALID`, naming what is wrong, when it is none. */
export async function readLock(file: string, channel: Channel): Promise<Lock> {
  const hint = 'Restore the lock file from version control.';
  const text = await ifThere(readFile(file, 'utf8'));
  if (text === undefined) throw new BuildError('LOCK_INVALID', `${file}: no such file`, { hint });
  const lock = parseJson(file, text, 'LOCK_INVALID', hint) as Lock;
  const fault = findFault(lock, channel);
  if (fault) throw new BuildError('LOCK_INVALID', `${file}: ${fault}`, { hint: 'Correct the lock file: every source must be pinned by sha256.' });
  return lock;
}

function findFault(lock: Partial<Lock>, channel: Channel): string | undefined {
  if (lock.channel !== channel) return `channel is "${lock.channel}", expected "${channel}"`;
  for (const [name, pin] of Object.entries(lock.sources ?? {})) {
    for (const key of ['version', 'licence'] as const) if (typeof pin[key] !== 'string') return `source "${name}" has no ${key}`;
    if (!Array.isArray(pin.files) || pin.files.length === 0) return `source "${name}" has no files`;
    if (pin.debian && !['program', 'archive', 'source'].includes(pin.debian.kind))
      return `source "${name}": debian.kind is "${pin.debian.kind}", expected program, archive or source`;
    if (pin.debian?.with && pin.debian.kind !== 'archive') return `source "${name}": debian.with needs debian.kind archive, got ${pin.debian.kind}`;
    for (const file of pin.files) {
      if (!/^[0-9a-f]{64}$/.test(file.sha256)) return `${file.name} of source "${name}" has sha256 "${file.sha256}", expected 64 lower-case hex digits`;
      if (!/^(https?:\/\/|debian:|debian-security:)./.test(file.origin))
        return `${file.name} of source "${name}" has origin "${file.origin}", expected a URL, debian:<path> or debian-security:<path>`;
    }
  }
  return undefined;
}

/** Replaces a lock file in one rename. */
export async function writeLock(file: string, lock: Lock): Promise<void> {
  const partial = `${file}.partial-${process.pid}`;
  try {
    await writeFile(partial, `${JSON.stringify(lock, null, 2)}\n`);
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}
