import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'health-'));
  write('usr/lib/container-os/state.sh', 'event() { :; }\n');
  write('usr/lib/container-os/health', moved('health', root));
  write('proc/uptime', '100.00 1.00\n');
  write('clock', '100000\n');
  // Sleeps by moving the clock, and ends the script after a while.
  program(
    'usleep',
    `ms=$(($(cat ${root}/clock) + $1 / 1000)); echo "$1" >>${root}/slept; echo $ms >${root}/clock; echo "$((ms / 1000)).00 1" >${root}/proc/uptime`,
  );
  write('state/status', 'running\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function program(name: string, script: string): void {
  write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, `bin/${name}`), 0o755);
}

describe.each(Object.entries(SHELLS))('in %s', (_, [shell, ...args]) => {
  /** Pauses in seconds between the checks until the container is unhealthy, or for the first `times`, of a check that succeeds from check `healthyFrom` on. */
  function pauses(service: string, { times = 30, healthyFrom = Infinity } = {}): number[] {
    write('state/bundle/service', `health_timeout=1\nhealth_retries=2\nhealth_interval=30\nhealth_start_period=0\n${service}\nhealth_test() { "$@"; }\n`);
    program('timeout', `[ "$(wc -l <${root}/slept)" -ge ${Number.isFinite(healthyFrom) ? healthyFrom : 999} ]`);
    // The checks run in the script's own loop, which a pause beyond the last ends.
    const script = readFileSync(join(root, 'usr/lib/container-os/health'), 'utf8')
      .replace(' oci-runtime exec --cgroup /health "$name"', '')
      .replace('while usleep', `while [ "$(wc -l <${root}/slept)" -lt ${times} ] && ! grep -q unhealthy "$state/health" && usleep`);
    write('run', script);
    write('slept', '');
    const { stderr } = spawnSync(shell, [...args, join(root, 'run'), 'web', join(root, 'state')], {
      env: { PATH: `${root}/bin:${process.env['PATH']}` },
      timeout: 30_000,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return readFileSync(join(root, 'slept'), 'utf8')
      .trim()
      .split('\n')
      .map((microseconds) => Number(microseconds) / 1e6);
  }

  const DOUBLING = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6];

  it('checks follow at twice the pause, to the interval, and failures count from then on', () => {
    expect(pauses('')).toEqual([...DOUBLING, 30, 30]);
    expect(readFileSync(join(root, 'state/health'), 'utf8')).toBe('unhealthy\n');
  });

  it('in the start period a pause is at most 5 seconds, and no failure counts', () => {
    expect(pauses('health_start_period=20')).toEqual([...DOUBLING.slice(0, 7), 5, 5, 5, 10, 20, 30, 30]);
  });

  it('in the start period a pause is at most start_interval, until the first success', () => {
    expect(pauses('health_start_period=3600\nhealth_start_interval=1', { times: 12, healthyFrom: 9 })).toEqual([
      0.05, 0.1, 0.2, 0.4, 0.8, 1, 1, 1, 1, 30, 30, 30,
    ]);
    expect(existsSync(join(root, 'state/health'))).toBe(true);
    expect(readFileSync(join(root, 'state/health'), 'utf8')).toBe('healthy\n');
  });
});
