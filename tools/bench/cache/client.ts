// A process of its own: sends the requests of standard input (JSON) so many at once, and writes what it saw.
import { Pool } from 'undici';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { entryBody } from '../../../packages/cache-server/test/entry-body.ts';
import type { Request } from './traffic.ts';

/** What the client is to do. */
export interface Job {
  url: string;
  token: string;
  clients: number;
  requests: Request[];
}

/** What it saw; milliseconds. */
export interface Seen {
  seconds: number;
  /** CPU of the client. */
  cpu: number;
  bytes: number;
  statuses: Record<string, number>;
  p50: number;
  p99: number;
}

const { url, token, clients, requests } = JSON.parse(await text(process.stdin)) as Job;
const largest = Math.max(0, ...requests.filter(({ method }) => method === 'PUT').map(({ size }) => size));
const filler = Buffer.alloc(largest, 'no two words alike ');
const small = entryBody('no two words alike');
const pool = new Pool(url, { connections: clients, pipelining: 1, bodyTimeout: 0, headersTimeout: 0 });
const authorization = `Bearer ${token}`;
const times: number[] = [];
const statuses: Record<string, number> = {};
const [started, idle] = [performance.now(), process.cpuUsage()];
let bytes = 0;
const queue = requests.values();
await Promise.all(
  Array.from({ length: clients }, async () => {
    for (const { method, hash, size } of queue) {
      const start = performance.now();
      const isPut = method === 'PUT';
      const headers = { authorization, ...(isPut ? { 'content-length': String(size) } : {}) };
      const answer = await pool.request({
        path: `/v1/cache/${hash}`,
        method,
        headers,
        body: isPut ? Readable.from(bodyOf(size), { objectMode: false }) : null,
      });
      for await (const chunk of answer.body) bytes += (chunk as Buffer).length;
      if (isPut && answer.statusCode === 200) bytes += size;
      times.push(performance.now() - start);
      const status = `${method} ${answer.statusCode}`;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  }),
);
const { user, system } = process.cpuUsage(idle);
times.sort((a, b) => a - b);
const quantile = (share: number): number => times[Math.floor(times.length * share)]!;
const seconds = (performance.now() - started) / 1000;
const seen: Seen = { seconds, cpu: (user + system) / 1e6, bytes, statuses, p50: quantile(0.5), p99: quantile(0.99) };
process.stdout.write(JSON.stringify(seen));
await pool.destroy();

/**
 * A body of exactly `size` bytes that the server takes for an entry: a small tar in gzip whose header has a comment of the rest (RFC 1952).
 * Made without copying, so that the client costs little. What it costs the server to expand real content is in docs/decisions/0006.
 */
function* bodyOf(size: number): Generator<Buffer> {
  const comment = 0x10;
  const [head, rest] = [Buffer.from(small.subarray(0, 10)), small.subarray(10)];
  head[3] = comment;
  yield head;
  yield filler.subarray(0, size - small.length - 1);
  yield Buffer.concat([Buffer.of(0), rest]);
}
