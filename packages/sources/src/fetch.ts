import { BuildError, cacheDir, exists, formatBytes, sha256File, type Step } from '@container-os/core';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { explainDiskFull } from './disk-full.ts';
import { isOffline } from './environment.ts';
import { exclusively } from './exclusive.ts';
import { dispatcherFor, urlsOf } from './origins.ts';
import type { SourceFile } from './receipt.ts';
import { MISMATCH_HINT, NETWORK_HINT, redact, sizeOf, transfer } from './transfer.ts';

export interface FetchContext {
  log: Step;
  signal: AbortSignal;
}

/** How long to bear with a network. */
export interface Patience {
  /** Milliseconds without a byte until a connection counts as dead. */
  stalled: number;
  /** Milliseconds before the second attempt; each further one waits four times as long. */
  pause: number;
}

interface FetchOptions {
  fresh?: boolean;
  patience?: Patience;
}

const PATIENCE: Patience = { stalled: 30_000, pause: 250 };
/** Attempts at one URL that bring nothing new. */
const ATTEMPTS = 4;
const TRANSIENT = new Set(['NETWORK_UNREACHABLE', 'NETWORK_STALLED', 'DOWNLOAD_TRUNCATED', 'SERVER_BUSY']);

/** Where a verified file lies in the content-addressed store. */
export function storePath(sha256: string): string {
  return join(cacheDir('store'), 'sha256', sha256);
}

/**
 * Brings a file into the store and returns its path: from mirrors, then from its origin. A cut download
 * goes on where it stopped, in the next run too; two processes that want one file download it once; a
 * file in the store is verified each time. `fresh` fetches what is in the store already.
 *
 * @throws BuildError OFFLINE, CHECKSUM_MISMATCH, SOURCE_GONE (404 everywhere), NETWORK_UNREACHABLE,
 * NETWORK_STALLED, DOWNLOAD_TRUNCATED, SERVER_BUSY, HTTP_ERROR, DISK_FULL.
 */
export async function fetchFile(file: SourceFile, context: FetchContext, { fresh = false, patience = PATIENCE }: FetchOptions = {}): Promise<string> {
  const path = storePath(file.sha256);
  if (!fresh && (await isStored(file))) return path;
  if (isOffline()) throw offline([file]);
  try {
    await mkdir(dirname(path), { recursive: true });
    return await exclusively(path, context, async (signal) => {
      // Another process may have brought it while this one waited.
      if (!fresh && (await isStored(file))) return path;
      if (await exists(path)) context.log.info(fresh ? `${file.name}: fetching again` : `warning: ${path} is damaged, fetching it again`);
      await download(file, `${path}.partial`, { ...context, signal }, patience);
      await rename(`${path}.partial`, path);
      return path;
    });
  } catch (error) {
    throw explainDiskFull(error, dirname(path));
  }
}

/** Passes when the store has all of `files`; else `OFFLINE`, naming every one that is missing. */
export async function requireStored(files: readonly SourceFile[]): Promise<void> {
  const missing: SourceFile[] = [];
  for (const file of files) if (!(await isStored(file))) missing.push(file);
  if (missing.length > 0) throw offline(missing);
}

function offline(missing: readonly SourceFile[]): BuildError {
  const names = missing.map(({ name, sha256 }) => `\n  ${name} (sha256 ${sha256})`).join('');
  return new BuildError('OFFLINE', `CONTAINER_OS_OFFLINE is 1, and ${dirname(storePath(''))}/sha256 lacks${names}`, {
    hint: 'Unset CONTAINER_OS_OFFLINE to fetch the files, or copy each file there, named by its sha256.',
  });
}

/** Tries mirrors and origin in turn. */
async function download(file: SourceFile, partial: string, context: FetchContext, patience: Patience): Promise<void> {
  const urls = await urlsOf(file);
  const dispatcher = await dispatcherFor(file.origin);
  const faults: BuildError[] = [];
  try {
    for (const url of urls) {
      try {
        return await downloadFrom(url, file, partial, { ...context, dispatcher }, patience);
      } catch (error) {
        if (!(error instanceof BuildError)) throw error;
        faults.push(error);
        if (error.code !== 'SOURCE_GONE' && url !== urls.at(-1)) context.log.warn(`${error.message}; trying the next origin`);
      }
    }
  } finally {
    await dispatcher.destroy();
  }
  throw (
    faults.findLast(({ code }) => code !== 'SOURCE_GONE') ??
    new BuildError('SOURCE_GONE', `${file.name} is not at ${urls.map(redact).join(', nor at ')}`, {
      hint: 'The origin no longer has the pinned file. Pin the current version: run the target update-sources.',
    })
  );
}

type Connected = FetchContext & { dispatcher: Dispatcher };

async function downloadFrom(url: string, file: SourceFile, partial: string, context: Connected, { stalled, pause }: Patience): Promise<void> {
  let most = await sizeOf(partial);
  for (let attempt = 1; ; attempt++) {
    const resumed = (await sizeOf(partial)) > 0;
    try {
      await transfer(file, url, partial, { ...context, stalled });
      await verify(file, url, partial);
      context.log.info(`${file.name}: fetched ${formatBytes(await sizeOf(partial))}`);
      return;
    } catch (error) {
      const code = error instanceof BuildError ? error.code : '';
      if (code === 'CHECKSUM_MISMATCH') await rm(partial, { force: true });
      // What was resumed may have begun with other bytes: once more from the start.
      const again = TRANSIENT.has(code) || (code === 'CHECKSUM_MISMATCH' && resumed);
      if ((await sizeOf(partial)) > most) attempt = 1;
      most = Math.max(most, await sizeOf(partial));
      if (!again || attempt >= ATTEMPTS) throw error;
      context.log.warn(`${(error as Error).message}; trying again`);
      await sleep(pause * 4 ** (attempt - 1), undefined, { signal: context.signal });
    }
  }
}

async function verify(file: SourceFile, url: string, partial: string): Promise<void> {
  const size = await sizeOf(partial);
  if (file.size !== undefined && size < file.size) {
    throw new BuildError('DOWNLOAD_TRUNCATED', `${redact(url)}: got ${size} bytes, expected ${file.size}`, { hint: NETWORK_HINT });
  }
  const actual = await sha256File(partial);
  if (actual === file.sha256) return;
  throw new BuildError('CHECKSUM_MISMATCH', `${redact(url)}: expected sha256 ${file.sha256}, got ${actual} (${size} bytes)`, { hint: MISMATCH_HINT });
}

async function isStored({ sha256 }: SourceFile): Promise<boolean> {
  const path = storePath(sha256);
  return (await exists(path)) && (await sha256File(path)) === sha256;
}
