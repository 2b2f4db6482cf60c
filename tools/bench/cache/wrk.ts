import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuOf, type Server } from './servers.ts';
import type { Entry } from './traffic.ts';

/** One round of GET; milliseconds, CPU seconds. */
export interface Round {
  bytes: number;
  seconds: number;
  requests: number;
  p50: number;
  p99: number;
  serverCpu: number;
  clientCpu: number;
}

/** Drives GETs of `entries` by wrk, 64 clients on one thread: it costs less CPU than any other client, and reads what it gets. */
export async function getRound(
  server: Server,
  entries: readonly Entry[],
  token: string,
  { clients, seconds, scratch }: { clients: number; seconds: number; scratch: string },
): Promise<Round> {
  const script = join(scratch, 'wrk.lua');
  await writeFile(
    script,
    `local hashes = {${entries.map(({ hash }) => `"${hash}"`).join(',')}}
local index = 0
wrk.headers["Authorization"] = "Bearer ${token}"
request = function() index = index % #hashes + 1; return wrk.format("GET", "/v1/cache/" .. hashes[index]) end
done = function(s, latency)
  io.write(string.format('\\n{"bytes":%d,"seconds":%f,"requests":%d,"p50":%f,"p99":%f,"errors":%d}\\n', s.bytes, s.duration / 1e6, s.requests,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, s.errors.status + s.errors.read + s.errors.write + s.errors.timeout + s.errors.connect))
end
`,
    { mode: 0o600 },
  );
  const [ours, theirs] = [server.cpu(), cpuOf('self').children];
  const { stdout } = await execa('wrk', [
    '--threads',
    '1',
    '--connections',
    String(clients),
    '--duration',
    `${seconds}s`,
    '--timeout',
    '120s',
    '--script',
    script,
    server.url,
  ]);
  const { errors, ...seen } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Omit<Round, 'serverCpu' | 'clientCpu'> & { errors: number };
  if (errors > 0) throw new Error(`wrk saw ${errors} errors at ${server.url}:\n${stdout}`);
  return { ...seen, serverCpu: server.cpu() - ours, clientCpu: cpuOf('self').children - theirs };
}
