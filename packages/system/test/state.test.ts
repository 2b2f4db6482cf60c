import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const LIBRARY = join(import.meta.dirname, '../rootfs/usr/lib/container-os');

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'state-'));
  mkdirSync(join(run, 'containers/web'), { recursive: true });
});
afterEach(() => rmSync(run, { recursive: true }));

/** Runs `script` after state.sh; the place of the state is all that differs from the OS. */
function sh(script: string): void {
  const state = readFileSync(join(LIBRARY, 'state.sh'), 'utf8').replaceAll('/usr/lib/container-os', LIBRARY).replaceAll('/run/container-os', run);
  writeFileSync(join(run, 'state.sh'), state);
  execFileSync('sh', ['-ec', `. "$0"; ${script}`, join(run, 'state.sh')]);
}

const events = (file = 'events'): unknown[] =>
  readFileSync(join(run, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

it('a status is a file and an event, with its reason as JSON', () => {
  sh(`set_status web starting; set_status web failed 'it said "no"'`);
  expect(readFileSync(join(run, 'containers/web/status'), 'utf8')).toBe('failed\n');
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
  expect(events()).toEqual([
    { time, name: 'web', event: 'starting', reason: '' },
    { time, name: 'web', event: 'failed', reason: 'it said "no"' },
  ]);
});

it('where no event can be written, the status still counts', () => {
  mkdirSync(join(run, 'events'));
  sh('set_status web running 2>/dev/null');
  expect(readFileSync(join(run, 'containers/web/status'), 'utf8')).toBe('running\n');
});

it('events are bounded: a full file becomes the old one, and the older one goes', () => {
  writeFileSync(join(run, 'events'), `${'x'.repeat(65_500)}\n`);
  sh('event web starting');
  expect(existsSync(join(run, 'events'))).toBe(false);
  sh('event web running');
  expect(events()).toHaveLength(1);
  expect(readFileSync(join(run, 'events.old'), 'utf8').length).toBeGreaterThan(65_536);
});
