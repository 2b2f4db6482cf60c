import { BuildError, cacheDir, sha256File, type Step } from '@container-os/core';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { EnvHttpProxyAgent, request } from 'undici';
import type { SourceFile } from './receipt.ts';

export interface FetchContext {
  log: Step;
  signal: AbortSignal;
}

const ATTEMPTS = 4;
/** Milliseconds without a byte until a connection counts as dead. */
const STALLED = 30_000;

/** Where a verified file lies in the content-addressed store. */
export function storePath(sha256: string): string {
  return join(cacheDir('store'), 'sha256', sha256);
}

/**
 * Brings a file into the store and returns its path. `origins` gives the URLs to try in order; a cut download goes on
 * where it stopped. Two processes that want the same file download it once.
 *
 * Errors: `CHECKSUM_MISMATCH`, `DOWNLOAD_TRUNCATED`, `SOURCE_GONE` (404 everywhere), `NETWORK_FAILED`,
 * `OFFLINE` (with `CONTAINER_OS_OFFLINE=1`). A file that fails verification is not kept.
 */
export async function fetchFile(file: SourceFile, origins: () => Promise<readonly string[]>, context: FetchContext): Promise<string> {
  const path = storePath(file.sha256);
  if (await isVerified(path, file.sha256)) return path;
  if (process.env['CONTAINER_OS_OFFLINE'] === '1') {
    throw new BuildError('OFFLINE', `${file.name} (sha256 ${file.sha256}) is not in the store ${dirname(path)}`, { hint: 'Unset CONTAINER_OS_OFFLINE to fetch it, or copy the file there under its sha256.' });
  }
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  await writeFile(partial, '', { flag: 'a' });
  const release = await lock(partial, { stale: 20_000, retries: { retries: 600, minTimeout: 200, maxTimeout: 2000 }, realpath: false });
  try {
    if (await isVerified(path, file.sha256)) return path;
    await download(file, await origins(), partial, context);
    await rename(partial, path);
    return path;
  } finally {
    await release();
    if (await exists(path)) await rm(partial, { force: true });
  }
}

async function download(file: SourceFile, urls: readonly string[], partial: string, context: FetchContext): Promise<void> {
  let fault: BuildError | undefined;
  let gone = true;
  for (const url of urls) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      context.signal.throwIfAborted();
      const resumed = (await sizeOf(partial)) > 0;
      try {
        await transfer(file, url, partial, context);
        await verify(file, url, partial);
        return;
      } catch (error) {
        if (!(error instanceof BuildError)) throw error;
        fault = error;
        if (error.code === 'SOURCE_GONE') break;
        gone = false;
        // What was resumed may have begun with other bytes: once more, from the start.
        if (error.code === 'CHECKSUM_MISMATCH') await rm(partial, { force: true });
        if (error.code === 'CHECKSUM_MISMATCH' && !resumed) break;
        if (attempt < ATTEMPTS && error.code !== 'CHECKSUM_MISMATCH') await sleep(250 * 4 ** (attempt - 1), undefined, { signal: context.signal });
      }
    }
  }
  if (gone) throw new BuildError('SOURCE_GONE', `${file.name}: not found at ${urls.join(', ')}`, { hint: 'Run nx run <image>:update-sources to pin what the origin has now.' });
  throw fault ?? new Error(`${file.name}: no URL to fetch it from`);
}

async function transfer(file: SourceFile, url: string, partial: string, { log, signal }: FetchContext): Promise<void> {
  const have = await sizeOf(partial);
  if (file.size !== undefined && have === file.size) return;
  const agent = new EnvHttpProxyAgent({ headersTimeout: STALLED, bodyTimeout: STALLED });
  try {
    const { statusCode, headers, body } = await follow(url, have, agent, signal);
    if (statusCode === 404 || statusCode === 410) throw new BuildError('SOURCE_GONE', `${url}: status ${statusCode}`);
    if (statusCode === 416) await rm(partial, { force: true });
    if (statusCode !== 200 && statusCode !== 206) throw new BuildError('NETWORK_FAILED', `${url}: status ${statusCode}, expected 200`, { hint: NETWORK_HINT });
    const start = statusCode === 206 ? have : 0;
    const length = Number(headers['content-length']);
    const total = file.size ?? (Number.isFinite(length) ? start + length : 0);
    const progress = log.progress(file.name, total, 'bytes');
    let done = start;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        progress.update((done += chunk.length));
        next(null, chunk);
      },
    });
    await pipeline(body, count, createWriteStream(partial, { flags: start > 0 ? 'a' : 'w' })).finally(() => progress.stop());
  } catch (error) {
    if (error instanceof BuildError || signal.aborted || (error as NodeJS.ErrnoException).code === 'ENOSPC') throw error;
    throw new BuildError('NETWORK_FAILED', `${url}: ${(error as Error).message}`, { cause: error, hint: NETWORK_HINT });
  } finally {
    await agent.close().catch(() => {});
  }
}

const NETWORK_HINT = 'Check the network, the proxy variables and the mirror, then run the same command again: the download goes on where it stopped.';

/** GET with up to five redirects (release downloads of GitHub redirect). */
async function follow(url: string, have: number, dispatcher: EnvHttpProxyAgent, signal: AbortSignal): ReturnType<typeof request> {
  let target = url;
  for (let hop = 0; hop < 5; hop++) {
    const response = await request(target, { dispatcher, signal, headers: have > 0 ? { range: `bytes=${have}-` } : {} });
    const location = response.headers.location;
    if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string') return response;
    await response.body.dump();
    target = new URL(location, target).href;
  }
  throw new BuildError('NETWORK_FAILED', `${url}: more than five redirects`, { hint: NETWORK_HINT });
}

async function verify(file: SourceFile, url: string, partial: string): Promise<void> {
  const size = await sizeOf(partial);
  if (file.size !== undefined && size < file.size) {
    throw new BuildError('DOWNLOAD_TRUNCATED', `${url}: got ${size} bytes, expected ${file.size}`, { hint: NETWORK_HINT });
  }
  const actual = await sha256File(partial);
  if (actual === file.sha256) return;
  throw new BuildError('CHECKSUM_MISMATCH', `${url}: expected sha256 ${file.sha256}, got ${actual} (${size} bytes)`, {
    hint: 'The origin or a proxy serves other bytes than were pinned. If the change is meant, pin it with nx run <image>:update-sources.',
  });
}

async function isVerified(path: string, sha256: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  if ((await sha256File(path)) === sha256) return true;
  await rm(path, { force: true });
  return false;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(({ size }) => size, () => 0);
}
