import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../rootfs/usr/lib/container-os/service/restart.sh');

let state: string;
beforeEach(async () => void (state = await mkdtemp(join(tmpdir(), 'restart-'))));
afterEach(() => rm(state, { recursive: true }));

/** Runs the policy as finish does, without the waiting; the container started `age` seconds ago. */
async function decide(policy: string, status: string, { failures = 0, restarts = 0, age = 0 } = {}): Promise<string> {
  const [restart, retries = '0'] = policy.split(':');
  await writeFile(join(state, 'failures'), `${failures}\n`);
  await writeFile(join(state, 'restarts'), `${restarts}\n`);
  await writeFile(join(state, 'started'), `${Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])) - age}\n`);
  const script = `usleep() { :; }; state=$1 restart=$2 retries=$3 lib=\${4%/service/*}; . "$4"; if shall_restart "$5"; then set_delay; echo "restarts in $delay ms"; back_off; else echo ends; fi`;
  const { stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', state, restart ?? '', retries, SCRIPT, status], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim();
}

it.each([
  ['always', 'exited', 'restarts in 100 ms'],
  ['always', 'failed', 'restarts in 100 ms'],
  ['always', 'stopped', 'ends'],
  ['on-failure', 'exited', 'ends'],
  ['on-failure', 'failed', 'restarts in 100 ms'],
  ['on-failure', 'stopped', 'ends'],
  ['no', 'exited', 'ends'],
  ['no', 'failed', 'ends'],
])('%s: a container that has %s %s', async (policy, status, expected) => {
  expect(await decide(policy, status)).toBe(expected);
});

it('each failure in a row waits twice as long, from 100 ms to a minute', async () => {
  const delays: string[] = [];
  for (const failures of [0, 1, 2, 3, 4, 8, 9, 10, 30]) delays.push(await decide('always', 'failed', { failures }));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 25_600, 51_200, 60_000, 60_000].map((delay) => `restarts in ${delay} ms`));
});

it('after a run of 10 s the delays begin anew', async () => {
  expect(await decide('always', 'failed', { failures: 5, age: 8 })).toBe('restarts in 3200 ms');
  expect(await decide('always', 'failed', { failures: 5, age: 11 })).toBe('restarts in 100 ms');
});

it.each(['on-failure:3', 'always:3'])('%s restarts three times, however long the container ran', async (policy) => {
  expect(await decide(policy, 'failed', { failures: 2, restarts: 2 })).toBe('restarts in 400 ms');
  expect(readFileSync(join(state, 'restarts'), 'utf8')).toBe('3\n');
  expect(await decide(policy, 'failed', { restarts: 3, age: 60 })).toBe('ends');
});
