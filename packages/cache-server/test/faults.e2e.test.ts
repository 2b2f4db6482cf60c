import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { startProcess, type ServerProcess } from './process.ts';
import { entryBody } from './entry-body.ts';
import { bytes, until } from './running.ts';

const MiB = 1024 * 1024;
const clean: (() => void)[] = [];
afterEach(() =>
  clean
    .splice(0)
    .reverse()
    .forEach((one) => one()),
);

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cache-server-faults-'));
  clean.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const put = async ({ url }: ServerProcess, hash: string, content: Buffer): Promise<number> =>
  (await fetch(`${url}/v1/cache/${hash}`, { method: 'PUT', body: entryBody(content) })).status;
const contentSize = async (answer: Response): Promise<number> => gunzipSync(Buffer.from(await answer.arrayBuffer())).length - 1536;
const get = ({ url }: ServerProcess, hash: string): Promise<Response> => fetch(`${url}/v1/cache/${hash}`);

test('kill -9 in the middle of a PUT leaves no entry, and the next start removes what was written', async () => {
  const directory = scratch();
  const first = await startProcess(['--directory', directory]);
  const socket = connect(Number(new URL(first.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`PUT /v1/cache/123 HTTP/1.1\r\nHost: x\r\nContent-Length: ${10 * MiB}\r\n\r\n`);
  socket.write(entryBody(bytes(10 * MiB)).subarray(0, 5 * MiB));
  await until(() => readdirSync(join(directory, 'incoming')).length === 1);
  await first.stop('SIGKILL');
  expect(readdirSync(join(directory, 'incoming'))).toHaveLength(1);
  const second = await startProcess(['--directory', directory]);
  expect(readdirSync(join(directory, 'incoming'))).toEqual([]);
  expect((await get(second, '123')).status).toBe(404);
  expect(await put(second, '123', bytes(MiB))).toBe(200);
  await second.stop();
});

test.skipIf(process.getuid?.() !== 0)('a full disk refuses the write with 507 and goes on serving reads (needs root, for a tmpfs)', async () => {
  const directory = scratch();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory]);
  clean.push(() => execFileSync('umount', [directory]));
  const server = await startProcess(['--directory', directory]);
  expect(await put(server, '1', bytes(4 * MiB))).toBe(200);
  expect(await put(server, '2', bytes(20 * MiB))).toBe(507);
  expect(await contentSize(await get(server, '1'))).toBe(4 * MiB);
  expect((await get(server, '2')).status).toBe(404);
  expect(readdirSync(join(directory, 'incoming'))).toEqual([]);
  expect(await put(server, '3', bytes(MiB))).toBe(200);
  await server.stop();
});

test('an entry of 2 GiB takes at most 64 MiB of memory in either direction', async () => {
  const server = await startProcess(['--directory', scratch()]);
  await put(server, '1', bytes(MiB));
  await (await get(server, '1')).arrayBuffer();
  const idle = server.peak();
  // A tar of one file of zeros, as a sparse file; stored by gzip, not compressed, so that the upload is as large as its content.
  const sparse = join(scratch(), 'sparse');
  execFileSync('sh', ['-c', 'truncate --size=2G "$0"; tar -cf - -C "${0%/*}" sparse | head -c 512 >"$0.tar"; truncate --size=2147485184 "$0.tar"', sparse]);
  const body = `"$1" -e 'fs.createReadStream(process.argv[1]).pipe(zlib.createGzip({ level: 0 })).pipe(process.stdout)' "$0.tar"`;
  const shell = (script: string): string => execFileSync('sh', ['-c', script, sparse, process.execPath, `${server.url}/v1/cache/2`]).toString();
  const size = Number(shell(`${body} | wc -c`));
  const upload = shell(`${body} | curl -sS -o /dev/null -w '%{http_code}' -X PUT -T - -H 'Transfer-Encoding:' -H 'Content-Length: ${size}' "$2"`);
  expect(upload).toBe('200');
  const download = execFileSync('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code} %{size_download}', `${server.url}/v1/cache/2`]);
  expect(download.toString()).toBe(`200 ${size}`);
  const above = server.peak() - idle;
  console.log(`2 GiB up and down: peak ${above.toFixed(0)} MiB above idle (${idle.toFixed(0)} MiB)`);
  expect(above).toBeLessThan(64);
  await server.stop();
});

test('without file descriptors for 64 clients that keep their connections it answers or refuses each, and lives', async () => {
  const main = [process.execPath, '--import', '@swc-node/register/esm-register', join(import.meta.dirname, '../src/main.ts')];
  const server = await startProcess(['--directory', scratch(), '--log-level', 'info'], ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', ...main]);
  expect(await put(server, '1', bytes(8 * MiB))).toBe(200);
  // As Nx's client and balancers do: a connection stays open whatever the server's hint says.
  const agent = new Agent({ keepAlive: true });
  agent.on('free', (socket: Socket) => socket.setTimeout(0));
  const ask = (): Promise<number | 'cut'> =>
    new Promise((resolve) => {
      const request = httpRequest(`${server.url}/v1/cache/1`, { agent }, (response) => {
        response.resume().on('close', () => resolve(response.complete ? response.statusCode! : 'cut'));
      });
      request.on('error', () => resolve('cut')).end();
    });
  const answers = await Promise.all(Array.from({ length: 64 }, ask));
  const count = (wanted: number | 'cut'): number => answers.filter((one) => one === wanted).length;
  console.log(`64 file descriptors: ${count(200)} answered, ${count(503)} 503, ${count('cut')} cut`);
  expect(count(200) + count(503) + count('cut')).toBe(64);
  expect(count(200)).toBeLessThan(64);
  // What was refused holds no descriptor, and the server closes the files of the clients that are gone in its own time.
  await expect.poll(async () => contentSize(await get(server, '1')), { timeout: 30_000, interval: 500 }).toBe(8 * MiB);
  expect(server.child.exitCode).toBeNull();
  agent.destroy();
  await server.stop();
});

test('gc runs beside a live server, and what is being read stays readable', async () => {
  const directory = scratch();
  const server = await startProcess(['--directory', directory]);
  await put(server, '1', bytes(50 * MiB));
  const reading = await get(server, '1');
  const gc = execFileSync(process.execPath, [
    '--import',
    '@swc-node/register/esm-register',
    join(import.meta.dirname, '../src/main.ts'),
    'gc',
    '--directory',
    directory,
    '--max-size',
    '1MB',
    '--json',
  ]);
  expect(JSON.parse(gc.toString())).toMatchObject({ evicted: 1, entries: 0 });
  expect(await contentSize(reading)).toBe(50 * MiB);
  expect((await get(server, '1')).status).toBe(404);
  await server.stop();
});
