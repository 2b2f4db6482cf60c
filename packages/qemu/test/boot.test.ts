import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot } from '../src/guest/boot.ts';
import type { Outcome } from '../src/verdict/classify.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'boot-'));
});

afterEach(() => rm(base, { recursive: true }));

/** A script in QEMU's place: `$1` is the file with its process id, `$2` the report. The power is cut at the first line of the report. */
function machine(script: string): Promise<Outcome> {
  const context = { logs: base, scratch: base, name: 'machine', limit: 20, longest: 30, signal: new AbortController().signal };
  const argvOf = ({ pidFile, report }: { pidFile: string; report: string }): string[] => ['/bin/sh', '-c', script, 'machine', pidFile, report];
  return boot(argvOf, { ...context, cutPower: ({ last }) => last !== undefined });
}

const REPORTS = `echo '{"event":"init","uptime":1}' >"$2"`;

it('ends when its power is cut', async () => {
  const { end, report } = await machine(`echo $$ >"$1"; ${REPORTS}; sleep 20`);
  expect([end, report.last]).toEqual(['cut', '{"event":"init","uptime":1}']);
});

it.each([
  ['its process has ended', 'sleep 0 & echo $! >"$1"; wait'],
  ['the file with its process id is gone', ':'],
])('ends by itself when it went off just before its power is cut: %s', async (_, gone) => {
  expect((await machine(`${gone}; ${REPORTS}; sleep 0.5; exit 3`)).end).toBe(3);
});
