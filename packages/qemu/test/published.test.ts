import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchPublished, publish } from '../src/guest/published.ts';

let directory: string;
let report: string;
let server: Server | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'published-'));
  report = join(directory, 'report.jsonl');
  await writeFile(report, '{"event":"fact"}\n');
});

afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

/** Answers each request with the next of `pages`, the last one for good. */
async function serve(port: number, ...pages: string[]): Promise<void> {
  await new Promise<void>(
    (resolve) => (server = createServer((_request, response) => response.end(pages.length > 1 ? pages.shift() : pages[0])).listen(port, '127.0.0.1', resolve)),
  );
}

const running = (): AbortSignal => new AbortController().signal;

it('a published port is asked until it answers as expected', async () => {
  const published = await publish({ 80: '^ready' });
  await serve(published['80']?.port ?? 0, 'not yet', 'ready\n');
  expect(await fetchPublished(published, report, running())).toEqual({ 80: { page: 'ready\n' } });
});

it('a port that nobody listens on says so once the boot has ended', async () => {
  const published = await publish({ 80: '', 81: '' });
  expect(published['80']?.port).not.toBe(published['81']?.port);
  const done = AbortSignal.timeout(300);
  expect(await fetchPublished(published, report, done)).toEqual({ 80: { error: expect.any(String) }, 81: { error: expect.any(String) } });
});

it('nothing is asked before the first fact, nor once the guest tests itself', async () => {
  const published = await publish({ 80: 'ready' });
  await serve(published['80']?.port ?? 0, 'ready');
  await writeFile(report, '{"event":"init"}\n');
  expect(await fetchPublished(published, report, AbortSignal.timeout(300))).toEqual({});
  await writeFile(report, '{"event":"fact"}\n{"event":"tests"}\n');
  expect(await fetchPublished(published, report, running())).toEqual({});
});
