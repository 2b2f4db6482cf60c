import { BuildError, cacheDir, exists, formatBytes, sha256File, type Step } from '@container-os/core';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { explainDiskFull } from './disk-full.ts';
import { isOffline } from './environment.ts';
import { exclusively } from './exclusive.ts';
import { dispatcherFor, placesOf } from './origins.ts';
import type { SourceFile } from './receipt.ts';
import { MISMATCH_HINT, NETWORK_HINT, redact, ServerBusy, sizeOf, transfer, type HeadersOf } from './transfer.ts';

export interface FetchContext {
  log: Step;
  signal: AbortSignal;
  /** Default: {@link PATIENCE}. */
  patience?: Patience;
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
  /** For servers that want more than a URL, such as a registry of images. */
  headers?: HeadersOf;
  /** URLs that have the same file, to try before its origin. */
  mirrors?: readonly string[];
  /** The most bytes that a file may have whose size is not pinned. */
  limit?: number;
}

export const PATIENCE: Patience = { stalled: 30_000, pause: 250 };
/** The longest that a server may ask to wait, in milliseconds. */
const LONGEST_WAIT = 120_000;
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
 * NETWORK_STALLED, DOWNLOAD_TRUNCATED, SERVER_BUSY, ACCESS_DENIED, HTTP_ERROR, SIZE_MISMATCH, DISK_FULL.
 */
export async function fetchFile(file: SourceFile, context: FetchContext, options: FetchOptions = {}): Promise<string> {
  const { fresh = false } = options;
  if (!fresh && (await isStored(file))) return storePath(file.sha256);
  if (isOffline()) throw offline([file]);
  return storeFile(file, context, (partial, signal) => download(file, partial, { ...context, signal }, options), fresh);
}

/**
 * Brings a file into the store that `make` writes at the path that it is given, and verifies. What is there already may be a part of it.
 * Two processes that want one file make it once.
 *
 * @throws BuildError DISK_FULL, and what `make` throws.
 */
export async function storeFile(
  { name, sha256 }: Pick<SourceFile, 'name' | 'sha256'>,
  context: FetchContext,
  make: (partial: string, signal: AbortSignal) => Promise<void>,
  fresh = false,
): Promise<string> {
  const path = storePath(sha256);
  if (!fresh && (await isStored({ sha256 }))) return path;
  try {
    await mkdir(dirname(path), { recursive: true });
    return await exclusively(path, context, async (signal) => {
      // Another process may have brought it while this one waited.
      if (!fresh && (await isStored({ sha256 }))) return path;
      if (await exists(path)) context.log.info(fresh ? `${name}: fetching again` : `warning: ${path} is damaged, fetching it again`);
      await make(`${path}.partial`, signal);
      await rename(`${path}.partial`, path);
      return path;
    });
  } catch (error) {
    throw explainDiskFull(error, dirname(path));
  }
}

/** Puts `bytes` into the store, whose sha256 the caller knows. */
export function keepFile(file: Pick<SourceFile, 'name' | 'sha256'>, bytes: Uint8Array, context: FetchContext): Promise<string> {
  return storeFile(file, context, (partial) => writeFile(partial, bytes));
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
async function download(file: SourceFile, partial: string, context: FetchContext, options: FetchOptions): Promise<void> {
  const { headers, mirrors = [], limit } = options;
  const { urls, fault } = await placesOf(file, mirrors);
  const dispatcher = await dispatcherFor(file.origin);
  try {
    await eachOrigin(urls, file.name, context, (url) => downloadFrom(url, file, partial, { ...context, dispatcher, headers, limit }));
  } catch (error) {
    throw fault && error instanceof BuildError && error.code === 'SOURCE_GONE' ? fault : error;
  } finally {
    await dispatcher.destroy();
  }
}

/** The first of `urls` that `work` succeeds with. A fault of one is told, but not that it lacks the file. */
export async function eachOrigin<T>(urls: readonly string[], name: string, { log }: FetchContext, work: (url: string) => Promise<T>): Promise<T> {
  const faults: BuildError[] = [];
  for (const url of urls) {
    try {
      return await work(url);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      faults.push(error);
      if (error.code !== 'SOURCE_GONE' && url !== urls.at(-1)) log.warn(`${error.message}; trying the next origin`);
    }
  }
  throw (
    faults.findLast(({ code }) => code !== 'SOURCE_GONE') ??
    new BuildError('SOURCE_GONE', `${name} is not at ${urls.map(redact).join(', nor at ')}`, {
      hint: 'The origin no longer has the pinned file. Pin the current version: run the target update-sources.',
    })
  );
}

type Connected = FetchContext & { dispatcher: Dispatcher; headers: HeadersOf | undefined; limit: number | undefined };

async function downloadFrom(url: string, file: SourceFile, partial: string, context: Connected): Promise<void> {
  const { stalled } = context.patience ?? PATIENCE;
  const got = (): Promise<number> => sizeOf(partial);
  let resumed = false;
  const attempt = async (): Promise<void> => {
    resumed = (await got()) > 0;
    await transfer(file, url, partial, { ...context, stalled });
    await verify(file, url, partial);
  };
  await withPatience(attempt, context, {
    got,
    // What was resumed may have begun with other bytes: once more from the start.
    again: async ({ code }) => {
      if (code === 'CHECKSUM_MISMATCH' || code === 'SIZE_MISMATCH') await rm(partial, { force: true });
      return code === 'CHECKSUM_MISMATCH' && resumed;
    },
  });
  context.log.info(`${file.name}: fetched ${formatBytes(await got())}`);
}

interface Progress {
  /** Bytes so far: attempts that bring more do not count. */
  got: () => Promise<number>;
  /** Whether an error that no time mends is worth another attempt. */
  again: (error: BuildError) => Promise<boolean>;
}

/** `work`, again after a pause where a network or a server may be better by then; a server that says how long to wait is waited for. */
export async function withPatience<T>(work: () => Promise<T>, { log, signal, patience = PATIENCE }: FetchContext, progress?: Progress): Promise<T> {
  let most = (await progress?.got()) ?? 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const again = TRANSIENT.has(error.code) || ((await progress?.again(error)) ?? false);
      const now = (await progress?.got()) ?? 0;
      if (now > most) attempt = 1;
      most = Math.max(most, now);
      const asked = error instanceof ServerBusy ? error.wait : 0;
      if (!again || attempt >= ATTEMPTS || asked > LONGEST_WAIT) throw error;
      log.warn(`${error.message}; trying again`);
      await sleep(Math.max(asked, patience.pause * 4 ** (attempt - 1)), undefined, { signal });
    }
  }
}

async function verify(file: SourceFile, url: string, partial: string): Promise<void> {
  const size = await sizeOf(partial);
  const actual = await sha256File(partial);
  if (actual === file.sha256 && (file.size === undefined || size === file.size)) return;
  if (actual === file.sha256) throw wrongSize(url, file, size);
  if (file.size !== undefined && size < file.size) {
    throw new BuildError('DOWNLOAD_TRUNCATED', `${redact(url)}: got ${size} bytes, expected ${file.size}`, { hint: NETWORK_HINT });
  }
  throw new BuildError('CHECKSUM_MISMATCH', `${redact(url)}: expected sha256 ${file.sha256}, got ${actual} (${size} bytes)`, { hint: MISMATCH_HINT });
}

/** Its bytes are those of the checksum: what names the size is wrong. */
function wrongSize(place: string, { sha256, size }: Pick<SourceFile, 'sha256' | 'size'>, actual: number): BuildError {
  return new BuildError('SIZE_MISMATCH', `${redact(place)}: sha256 ${sha256} is right and has ${actual} bytes, expected ${size}`, { hint: MISMATCH_HINT });
}

async function isStored({ sha256, size }: Pick<SourceFile, 'sha256' | 'size'>): Promise<boolean> {
  const path = storePath(sha256);
  if (!(await exists(path)) || (await sha256File(path)) !== sha256) return false;
  if (size !== undefined && (await sizeOf(path)) !== size) throw wrongSize(path, { sha256, size }, await sizeOf(path));
  return true;
}
