import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'finish-'));
  write('finish', moved('service/finish', root));
  const stubs = { 'state.sh': 'event() { :; }\nreport() { :; }\n', 'service/restart.sh': 'shall_restart() { return 1; }\n' };
  const others = { 'service/turn.sh': 'return_turn() { :; }\nusleep() { :; }\n', 'service/processor.sh': 'processor_fault() { :; }\n' };
  for (const [file, text] of Object.entries({ ...stubs, ...others })) write(`usr/lib/container-os/${file}`, text);
  write('usr/lib/container-os/clean', '#!/bin/sh\n');
  write('service/web/supervise/control', '');
  write('run/container-os/containers/web/bundle/service', '');
  write('run/container-os/containers/web/status', 'running\n');
  write('run/log/containers/web/current', '2026-01-01_00:00:01.00000 cat: write error\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), 0o755);
}

describe.each(Object.entries(SHELLS))('in %s the reason of an end', (_, [shell, ...args]) => {
  it.each([
    [1, 'full', 'exited with code 1: cat: write error (the data disk is full)'],
    [1, 'ok', 'exited with code 1: cat: write error'],
    [0, 'full', 'exited (0)'],
  ])('with code %s, the data disk being %s, is "%s"', (code, disk, reason) => {
    write('usr/lib/container-os/data-status', `#!/bin/sh\nmkdir -p ${root}/run/container-os/data\necho ${disk} >${root}/run/container-os/data/status\n`);
    spawnSync(shell, [...args, join(root, 'finish'), String(code), '0'], { cwd: join(root, 'service/web') });
    expect(readFileSync(join(root, 'run/container-os/containers/web/reason'), 'utf8')).toBe(`${reason}\n`);
  });
});
