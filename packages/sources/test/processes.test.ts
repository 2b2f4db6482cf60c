import { execa } from 'execa';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SourceFile } from '../src/receipt.ts';
import { pinOf, serve, sha256, whole, type Origin } from './fixtures/origin.ts';

const BYTES = randomBytes(200_000);

let cache: string;
let origin: Origin;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'sources-processes-'));
});

afterEach(async () => {
  await origin.close();
  rmSync(cache, { recursive: true });
});

/** A process of its own that fetches `file`. */
function fetchInChild(file: SourceFile) {
  const argv = ['--import', '@swc-node/register/esm-register', join(import.meta.dirname, 'fixtures/fetch-child.ts'), JSON.stringify({ files: [file] })];
  return execa('node', argv, { cwd: join(import.meta.dirname, '../../..'), env: { CONTAINER_OS_CACHE: cache }, reject: false, timeout: 50_000 });
}

const files = (): string[] => readdirSync(join(cache, 'store/sha256'));

it('two processes that want one file download it once', async () => {
  origin = await serve((request, response, attempt) => void setTimeout(() => whole(BYTES)(request, response, attempt), 1500));
  const both = await Promise.all([fetchInChild(pinOf(BYTES, origin.url)), fetchInChild(pinOf(BYTES, origin.url))]);
  expect(both.map(({ stdout }) => stdout)).toEqual([join(cache, 'store/sha256', sha256(BYTES)), join(cache, 'store/sha256', sha256(BYTES))]);
  expect(both.filter(({ stderr }) => stderr.includes('waiting for another process'))).toHaveLength(1);
  expect(origin.requests).toEqual(['GET /']);
  expect(files()).toEqual([sha256(BYTES)]);
}, 60_000);

it('a killed fetch leaves nothing that looks complete, and the next one goes on where it was', async () => {
  let half = (): void => {};
  const arrived = new Promise<void>((resolve) => (half = resolve));
  origin = await serve((request, response, attempt) => {
    if (attempt > 1) whole(BYTES)(request, response, attempt);
    else response.writeHead(200, { 'content-length': BYTES.length }).write(BYTES.subarray(0, 70_000), () => setTimeout(half, 500));
  });
  const child = fetchInChild(pinOf(BYTES, origin.url));
  await arrived;
  child.kill('SIGKILL');
  await child;
  expect(existsSync(join(cache, 'store/sha256', sha256(BYTES)))).toBe(false);
  expect(readFileSync(join(cache, 'store/sha256', `${sha256(BYTES)}.partial`))).toHaveLength(70_000);
  // The lock of the dead process counts for ten seconds more.
  const { stdout } = await fetchInChild(pinOf(BYTES, origin.url));
  expect(sha256(readFileSync(stdout))).toBe(sha256(BYTES));
  expect(origin.requests).toEqual(['GET /', 'GET / bytes=70000-']);
  expect(files()).toEqual([sha256(BYTES)]);
}, 60_000);
