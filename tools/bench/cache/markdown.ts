import { formatBytes } from '@container-os/core';
import type { Seen } from './client.ts';
import { HOUR } from './traffic.ts';
import type { Round } from './wrk.ts';

/** Bytes and seconds. */
export interface Measurements {
  date: string;
  cores: number;
  node: string;
  clients: number;
  entries: { big: number; bigBytes: number; small: number; smallBytes: number };
  get: Record<'big' | 'small', { ours: Round[]; nginx: Round[] }>;
  put: Record<'big' | 'small', Seen & { serverCpu: number }>;
  hour: Seen & { serverCpu: number };
  memory: { idle: number; ours: number; nginx: number };
  house: Record<'list' | 'gc', { seconds: number; said: string }>;
}

/** The tables for people. */
export function toMarkdown({ date, cores, node, clients, entries, get, put, hour, memory, house }: Measurements): string {
  const big = `${entries.big} entries of 1 to 200 MB (${formatBytes(entries.bigBytes)})`;
  const small = `${entries.small} entries of 1 to 64 kB (${formatBytes(entries.smallBytes)})`;
  const rows = [
    row('GET big: throughput', get.big, (one) => one.bytes / one.seconds / 1e6, 'MB/s'),
    row('GET big: p50', get.big, ({ p50 }) => p50, 'ms'),
    row('GET big: p99', get.big, ({ p99 }) => p99, 'ms'),
    row('GET big: CPU of the server a GB', get.big, (one) => (one.serverCpu / one.bytes) * 1e9, 's', 2),
    row('GET big: CPU of the client a GB', get.big, (one) => (one.clientCpu / one.bytes) * 1e9, 's', 2),
    row('GET big: cores that the server used', get.big, (one) => one.serverCpu / one.seconds, '', 2),
    row('GET big: cores that the client used', get.big, (one) => one.clientCpu / one.seconds, '', 2),
    row('GET small: rate', get.small, (one) => one.requests / one.seconds, 'requests/s'),
    row('GET small: p50', get.small, ({ p50 }) => p50, 'ms', 1),
    row('GET small: p99', get.small, ({ p99 }) => p99, 'ms', 1),
    row('GET small: CPU of the server for 1000', get.small, (one) => (one.serverCpu / one.requests) * 1e3, 's', 3),
    row('GET small: cores that the client used', get.small, (one) => one.clientCpu / one.seconds, '', 2),
    `| peak memory | ${formatBytes(memory.ours)} (${formatBytes(memory.idle)} idle) | ${formatBytes(memory.nginx)} | |`,
  ];
  return `# Performance of the cache server

Written by \`npm run bench:cache\` on ${date}: ${cores} cores, Node ${node}. Needs Debian's \`nginx-light\` and \`wrk\`; about 4 minutes; flags stand in
\`tools/bench/cache/cache.ts\`, all numbers in \`cache-server-performance.json\`.

${clients} clients at once; big: ${big}; small: ${small}. All stay in the page cache. Our server is one process, nginx (sendfile on, access
log off) one worker, with the very same files on the same disk; ours checks a token at each request, nginx none. Rounds alternate; medians.

| | ours | nginx | ours / nginx |
| --- | --- | --- | --- |
${rows.join('\n')}

The client is wrk on one thread, and it shares the ${cores} cores with the server and with whatever else the machine does. Where the cores that it used
come near 1, the client is the limit, not the server: then the throughput is a lower bound of what that server can do, and the ratio flatters the
slower one. CPU of the server a GB does not depend on that. Latency is that of a closed loop: with ${clients} clients it is ${clients} divided by the rate.

## Writes, and an hour of a team

| | requests | time | rate | MB/s | p50 | p99 | CPU of the server | of the client |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${[seen('PUT big', put.big), seen('PUT small', put.small), seen('an hour', hour)].join('\n')}

A PUT is hashed, written and on the disk (fdatasync) before its 200. An hour of a team is taken to be ${HOUR.runs} runs of nx (50 developers and their CI, each
twice) of ${HOUR.tasks} tasks, of which ${HOUR.hitRate * 100} % are in the cache and the others are uploaded; ${HOUR.bigShare * 100} % of the entries are big.
It is replayed as fast as the server answers: ${hour.seconds.toFixed(1)} s, ${(hour.seconds / 36).toFixed(1)} % of the hour.
Answers: ${Object.entries(hour.statuses)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')}.

## House-keeping, beside the running server

| | time, with the start of Node | |
| --- | --- | --- |
| \`cache-server stats\` | ${house.list.seconds.toFixed(2)} s | ${house.list.said} |
| \`cache-server gc\` to half | ${house.gc.seconds.toFixed(2)} s | ${house.gc.said} |
`;
}

function row(title: string, { ours, nginx }: { ours: Round[]; nginx: Round[] }, value: (round: Round) => number, unit: string, digits = 0): string {
  const [a, b] = [median(ours.map(value)), median(nginx.map(value))];
  return `| ${title} | ${a.toFixed(digits)} ${unit} | ${b.toFixed(digits)} ${unit} | ${(a / b).toFixed(2)} |`;
}

function seen(title: string, { seconds, cpu, bytes, statuses, p50, p99, serverCpu }: Seen & { serverCpu: number }): string {
  const requests = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const rates = [`${(requests / seconds).toFixed(0)}/s`, (bytes / seconds / 1e6).toFixed(0)];
  const times = [`${p50.toFixed(1)} ms`, `${p99.toFixed(1)} ms`, `${serverCpu.toFixed(1)} s`, `${cpu.toFixed(1)} s`];
  return `| ${[title, requests, `${seconds.toFixed(1)} s`, ...rates, ...times].join(' | ')} |`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
