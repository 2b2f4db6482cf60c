// npm run bench:cache [-- --gigabytes=3] [--small=10000] [--rounds=6] [--seconds=5] [--clients=64] [--directory=/var/tmp]: puts load on the cache server
// beside nginx with the same files, and writes docs/cache-server-performance.json and .md. About 4 minutes.
// Needs Debian's nginx-light and wrk, and space on the disk of --directory for twice --gigabytes.
import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../files.ts';
import type { Job, Seen } from './client.ts';
import { toMarkdown, type Measurements } from './markdown.ts';
import { startNginx, startOurs, type Server } from './servers.ts';
import { bigEntries, hour, smallEntries, type Entry, type Request } from './traffic.ts';
import { getRound, type Round } from './wrk.ts';

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '3' },
    small: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '64' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const clients = Number(values.clients);
const main = join(root, 'dist/packages/cache-server/src/main.js');
const [big, small] = [bigEntries(Number(values.gigabytes) * 1e9), smallEntries(Number(values.small))];

await execa('npm', ['run', 'build', '-w', 'packages/cache-server'], { cwd: root, stdio: 'inherit' });
const scratch = await mkdtemp(join(values.directory, 'bench-cache-'));
const store = join(scratch, 'store');
const running: Server[] = [];
try {
  const tokens = join(scratch, 'tokens.json');
  const { token } = JSON.parse(
    (await execa(process.execPath, [main, 'token', 'create', '--tokens', tokens, '--name', 'bench', '--scope', 'read-write', '--json'])).stdout,
  ) as { token: string };
  const ours = await startOurs(main, store, tokens);
  running.push(ours);
  const idle = ours.peak();
  const put = { big: await drive(ours, token, puts(big)), small: await drive(ours, token, puts(small)) };
  const nginx = await startNginx(store, scratch);
  running.push(nginx);
  const get = { big: await compare(ours, nginx, big, token), small: await compare(ours, nginx, small, token) };
  const measurements: Measurements = {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    node: process.version,
    clients,
    entries: { big: big.length, bigBytes: bytesOf(big), small: small.length, smallBytes: bytesOf(small) },
    get,
    put,
    hour: await drive(ours, token, hour(big, small)),
    memory: { idle, ours: ours.peak(), nginx: nginx.peak() },
    house: { list: await command('stats'), gc: await command('gc', '--max-size', `${Math.round(bytesOf(big) / 2e6)}MB`) },
  };
  await writeFile(join(root, 'docs/cache-server-performance.json'), `${JSON.stringify(measurements, null, 2)}\n`);
  await writeFile(join(root, 'docs/cache-server-performance.md'), toMarkdown(measurements));
} finally {
  for (const server of running) await server.stop();
  await rm(scratch, { recursive: true });
}

/** Rounds in turn, the one that begins changing, so that what else the machine does meets both. The first, which warms, is not counted. */
async function compare(ours: Server, nginx: Server, entries: readonly Entry[], token: string): Promise<{ ours: Round[]; nginx: Round[] }> {
  const found = { ours: [] as Round[], nginx: [] as Round[] };
  const options = { clients, seconds: Number(values.seconds), scratch };
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const name of round % 2 === 0 ? (['ours', 'nginx'] as const) : (['nginx', 'ours'] as const)) {
      const one = await getRound(name === 'ours' ? ours : nginx, entries, token, round === 0 ? { ...options, seconds: 2 } : options);
      const cpu = (spent: number): string => ((spent / one.bytes) * 1e9).toFixed(2);
      const rate = `${(one.bytes / one.seconds / 1e6).toFixed(0)} MB/s, ${(one.requests / one.seconds).toFixed(0)} requests/s`;
      console.log(`GET ${name}: ${rate}, server ${cpu(one.serverCpu)} CPU s/GB, client ${cpu(one.clientCpu)}`);
      if (round > 0) found[name].push(one);
    }
  }
  return found;
}

async function drive(server: Server, token: string, requests: Request[]): Promise<Seen & { serverCpu: number }> {
  const before = server.cpu();
  const job: Job = { url: server.url, token, clients, requests };
  const { stdout } = await execa(process.execPath, ['--import', '@swc-node/register/esm-register', join(import.meta.dirname, 'client.ts')], {
    input: JSON.stringify(job),
    cwd: root,
  });
  const seen = { ...(JSON.parse(stdout) as Seen), serverCpu: server.cpu() - before };
  console.log(`${requests.length} requests: ${seen.seconds.toFixed(1)} s, ${JSON.stringify(seen.statuses)}`);
  return seen;
}

/** Seconds of one of the server's commands beside the running server, and what it said. */
async function command(...args: string[]): Promise<{ seconds: number; said: string }> {
  const start = performance.now();
  const { stdout } = await execa(process.execPath, [main, ...args, '--directory', store]);
  return { seconds: (performance.now() - start) / 1000, said: stdout.split('\n').at(-1)! };
}

function puts(entries: readonly Entry[]): Request[] {
  return entries.map((entry) => ({ ...entry, method: 'PUT' }));
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}
