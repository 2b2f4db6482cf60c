import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'needs-'));
  write('needs.sh', moved('service/needs.sh', root));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function container(name: string, files: Record<string, string>, service = ''): void {
  for (const [file, text] of Object.entries(files)) write(`run/container-os/containers/${name}/${file}`, `${text}\n`);
  write(`run/container-os/containers/${name}/bundle/service`, service);
}

describe.each(Object.entries(SHELLS))('in %s', (_, [shell, ...args]) => {
  /** Output and exit code of the wait; after so many pauses, `then` happens, a command of the shell. */
  function wait(needs: string[], { pauses = 3, then = 'exit 9' } = {}): string {
    const script = `state=$1 && cd "$1/run/container-os/containers" && . "$1/needs.sh" && shift
count=0
usleep() { count=$((count + 1)); [ $count -ne ${pauses} ] || { ${then}; }; }
wait_for "$@" && echo "met after $count"`;
    const { status, stdout, stderr } = spawnSync(shell, [...args, '-c', script, 'sh', root, ...needs], { encoding: 'utf8', timeout: 30_000 });
    expect(stderr).toBe('');
    return stdout.trim() || `still waits (${status})`;
  }

  const HEALTH = 'health_interval=1\n';

  it.each<[string, string, Record<string, string>, string]>([
    ['runs', 'db:service_started', { status: 'running' }, 'met after 0'],
    ['ran, and has exited', 'db:service_started', { status: 'exited', reason: 'exited (0)' }, 'met after 0'],
    ['ran, and has failed', 'db:service_started', { status: 'failed', reason: 'exited with code 1: no disk' }, 'met after 0'],
    ['did not start', 'db:service_started', { status: 'failed', reason: 'did not start: no disk' }, 'db did not start: no disk'],
    ['is about to start', 'db:service_started', { status: 'starting' }, 'still waits (9)'],
    ['is about to start again', 'db:service_started', { status: 'restarting', reason: 'exited with code 1: no disk' }, 'still waits (9)'],
    ['is healthy', 'db:service_healthy', { status: 'running', health: 'healthy' }, 'met after 0'],
    ['is not yet healthy', 'db:service_healthy', { status: 'running', health: 'starting' }, 'still waits (9)'],
    ['is unhealthy', 'db:service_healthy', { status: 'running', health: 'unhealthy' }, 'db is unhealthy'],
    ['has a check that has not begun', 'db:service_healthy', { status: 'running' }, 'still waits (9)'],
    ['has ended, and was to be healthy', 'db:service_healthy', { status: 'exited' }, 'db has exited'],
    ['has completed', 'db:service_completed_successfully', { status: 'exited', reason: 'exited (0)' }, 'met after 0'],
    ['has not completed yet', 'db:service_completed_successfully', { status: 'running' }, 'still waits (9)'],
    ['has failed', 'db:service_completed_successfully', { status: 'failed', reason: 'exited with code 3: no disk' }, 'db exited with code 3: no disk'],
    ['is unhealthy, and need not be healthy', 'db:service_healthy:optional', { status: 'running', health: 'unhealthy' }, 'met after 0'],
  ])('the other container %s: %s', (_, need, files, expected) => {
    container('db', files, HEALTH);
    expect(wait([need])).toBe(expected);
  });

  it('a container without a health check is never healthy', () => {
    container('db', { status: 'running' });
    expect(wait(['db:service_healthy'])).toBe('db has no health check, so that it is never healthy');
  });

  it.each(['stopped', 'created'])('a container that is %s is waited for a minute, for somebody may start it', (status) => {
    container('db', { status });
    expect(wait(['db:service_started'], { pauses: 200, then: 'echo running >db/status' })).toBe('met after 200');
    container('db', { status });
    expect(wait(['db:service_started'], { pauses: 9999 })).toBe(`db is ${status} (service_started)`);
    expect(wait(['other:service_started'], { pauses: 9999 })).toBe('other is missing (service_started)');
  });

  it('while it waits, a file says for what, and no longer', () => {
    container('db', { status: 'starting' }, HEALTH);
    expect(wait(['db:service_healthy:optional'], { pauses: 50, then: 'cat ../../../waiting; exit 0' })).toBe('waits for db:service_healthy');
    expect(wait(['db:service_healthy'], { pauses: 50, then: 'echo running >db/status; echo healthy >db/health' })).toBe('met after 50');
    expect(spawnSync('ls', [join(root, 'waiting')]).status).not.toBe(0);
  });

  it('every need is waited for, in order', () => {
    container('db', { status: 'running' });
    container('job', { status: 'failed', reason: 'exited with code 1: x' });
    expect(wait(['db:service_started', 'job:service_completed_successfully'])).toBe('job exited with code 1: x');
    expect(wait([])).toBe('met after 0');
  });
});
