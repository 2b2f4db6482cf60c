import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settle-'));
  write('proc/uptime', '100.00 1.00\n');
  // The first pause takes all attempts that are left.
  write('settle', `containers=${root}/run/container-os/containers\nfact() { echo fact "$@"; }\nreport() { echo "$@"; }\nusleep() { attempts=0; hook; }\n`);
  for (const file of ['wait.sh', 'settle.sh']) write(`usr/lib/container-os/${file}`, moved(file, root));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function container(name: string, state: Record<string, string | number>): void {
  for (const [file, text] of Object.entries(state)) write(`run/container-os/containers/${name}/${file}`, `${text}\n`);
}

describe.each(Object.entries(SHELLS))('in %s the self-test', (_, [shell, ...args]) => {
  /** What the host hears; `hook` is what happens at each pause. */
  function settle(hook = ':'): string[] {
    const script = `. ${root}/settle\nhook() { ${hook}; }\nfor part in wait settle; do . ${root}/usr/lib/container-os/$part.sh; done\nsettle\n`;
    const { stdout, stderr } = spawnSync(shell, [...args, '-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  }

  it('waits for nobody who runs, has done its work, has failed for good or did not start', () => {
    container('web', { status: 'running', started: 99 });
    container('steady', { status: 'running', started: 90, reason: 'exited with code 1' });
    container('job', { status: 'exited', reason: 'exited (0)' });
    container('hourly', { status: 'restarting', started: 99, reason: 'exited (0)' });
    container('broken', { status: 'failed', started: 99, reason: 'exited with code 1' });
    container('diskless', { status: 'restarting', started: 99, reason: 'did not start: volume x: no data disk' });
    expect(settle()).toEqual(['']);
  });

  it('says who waits for whom', () => {
    container('web', { status: 'starting', waiting: 'waits for db:service_healthy' });
    expect(settle()).toEqual(Array(15).fill('fact waiting value=web is starting: waits for db:service_healthy;'));
    expect(settle(`echo running >${root}/run/container-os/containers/web/status`)).toEqual(['']);
  });

  it.each(['running', 'restarting'])('says who ends again and again, and is %s at the moment', (status) => {
    container('web', { status, started: 91, reason: 'exited with code 1: oops' });
    expect(settle()).toEqual([
      ...Array(3).fill('fact waiting value=web: exited with code 1: oops;'),
      'container name=web status=failed exitCode:=1 reason=ends again and again: exited with code 1: oops',
    ]);
  });

  it('does not say so of one that runs for long enough then', () => {
    container('web', { status: 'running', started: 91, reason: 'exited with code 1: oops' });
    expect(settle(`echo 101.00 1.00 >${root}/proc/uptime`)).toEqual(['']);
  });
});
