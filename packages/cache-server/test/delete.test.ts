import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../src/cli.ts';
import { contentOf, entryBody } from './entry-body.ts';
import { ask, raw, start, until, type Running } from './running.ts';

vi.setConfig({ testTimeout: 60_000 }); // a busy machine

let server: Running;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

/** Runs the command on the store of the running server. */
async function run(...argv: string[]): Promise<{ code: number; output: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const code = await main([...argv, '--directory', join(server.directory, 'store')], {});
    return { code, output: write.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    write.mockRestore();
  }
}

const put = async (hash: string, token: string, content = token): Promise<number> => (await ask(server, 'PUT', hash, token, entryBody(content))).status;

test('a dry run shows the entries of every namespace and deletes none', async () => {
  await put('10', 'pr');
  await put('10', 'main');
  const { code, output } = await run('delete', '10', '--dry-run');
  expect(code).toBe(0);
  expect(output.split('\n').filter(Boolean).sort()).toEqual([
    expect.stringMatching(/^pr-1 +10 +\d+ B +would be deleted$/),
    expect.stringMatching(/^trusted +10 +\d+ B +would be deleted$/),
  ]);
  expect([(await ask(server, 'GET', '10', 'main')).status, await put('10', 'other')]).toEqual([200, 409]);
});

test('a deleted hash is a miss, and only the trusted namespace writes it again', async () => {
  await put('20', 'pr');
  await put('20', 'main');
  await put('21', 'main');
  expect(JSON.parse((await run('delete', '20', '21', '--json')).output)).toMatchObject({ dryRun: false, missing: [], deleted: [{}, {}, {}] });
  for (const token of ['main', 'pr']) expect((await ask(server, 'GET', '20', token)).status).toBe(404);
  for (const token of ['pr', 'other']) {
    const refused = await ask(server, 'PUT', '20', token, entryBody('again'));
    expect([refused.status, refused.headers.get('Cache-Status')]).toEqual([403, 'cache-server; detail=deleted']);
  }
  expect(await put('20', 'main', 'genuine')).toBe(200);
  expect(await contentOf(await ask(server, 'GET', '20', 'pr'))).toBe('genuine');
});

test('an upload of another namespace that runs while the hash is deleted is refused at its end', async () => {
  await put('30', 'main');
  await put('31', 'main');
  const body = entryBody('late');
  const { socket, answer } = await raw(server);
  // Namespace pr-9 does not read "trusted", so that the entry there does not stop it.
  const { createToken, readTokens, writeTokens } = await import('../src/access/tokens.ts');
  const made = createToken({ name: 'apart', scope: 'read-write', namespace: 'pr-9', reads: ['pr-9'] });
  const file = join(server.directory, 'tokens.json');
  writeTokens(file, [...readTokens(file), made.token]);
  await until(async () => (await ask(server, 'GET', '1', made.secret)).status === 404);
  socket.write(`PUT /v1/cache/30 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${made.secret}\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body.subarray(0, 20));
  const { readdirSync } = await import('node:fs');
  await until(() => readdirSync(join(server.directory, 'store/incoming')).length === 1);
  await run('delete', '30');
  socket.write(body.subarray(20));
  expect(await answer).toMatch(/^HTTP\/1\.1 403 /);
  expect((await ask(server, 'GET', '30', made.secret)).status).toBe(404);
});

test('no request deletes, whatever its token', async () => {
  await put('40', 'main');
  expect((await ask(server, 'DELETE', '40', 'main')).status).toBe(405);
  expect((await ask(server, 'GET', '40', 'main')).status).toBe(200);
});

test('verify --delete keeps others from writing the hash, too', async () => {
  await put('50', 'main');
  const { truncateSync } = await import('node:fs');
  truncateSync(join(server.directory, 'store/entries/trusted/50/50'), 10);
  expect((await run('verify', '--delete')).code).toBe(1);
  expect([await put('50', 'pr'), await put('50', 'main')]).toEqual([403, 200]);
});

test('a hash without an entry is told, and is not kept from anybody', async () => {
  const { code, output } = await run('delete', '60');
  expect([code, output]).toEqual([1, '-  60  -  there is no entry\n']);
  expect(await put('60', 'pr')).toBe(200);
});

test('what is no hash, and no hash at all, is refused by name', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cache-server-delete-'));
  await expect(main(['delete', '../x', '--directory', directory], {})).rejects.toMatchObject({ code: 'HASH_INVALID' });
  await expect(main(['delete', '--directory', directory], {})).rejects.toMatchObject({ code: 'HASH_MISSING' });
  rmSync(directory, { recursive: true });
});
