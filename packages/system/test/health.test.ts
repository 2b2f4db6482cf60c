import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'health-'));
  write('usr/lib/container-os/state.sh', 'event() { :; }\n');
  for (const script of ['health', 'wait.sh']) write(`usr/lib/container-os/${script}`, moved(script, root));
  write('proc/uptime', '100.00 1.00\n');
  write('clock', '100000\n');
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
  /** Pauses in seconds before the checks until the container is unhealthy, or before the first `times`, of a check that succeeds as the `healthy`-th ones. */
  function pauses(service: string, { times = 30, healthy = [] as number[] } = {}): number[] {
    write(
      'state/bundle/service',
      `health_timeout=1\nhealth_retries=2\nhealth_interval=30\nhealth_start_interval=5\nhealth_start_period_ms=0\n${service}\nhealth_test() { "$@"; }\n`,
    );
    program('timeout', `case " ${healthy.join(' ')} " in *" $(wc -l <${root}/slept) "*) ;; *) exit 1 ;; esac`);
    // The checks run in the script's own loop, which a pause beyond the last ends.
    program(
      'sleep',
      `[ "$(wc -l <${root}/slept)" -lt ${times} ] && ! grep -q unhealthy ${root}/state/health || kill -KILL "$(cat ${root}/state/health.pid)"
ms=$(($(cat ${root}/clock) + $(echo "$1" | awk '{ print $1 * 1000 }'))); echo "$1" >>${root}/slept; echo $ms >${root}/clock
awk -v ms=$ms 'BEGIN { printf "%.2f 1\\n", ms / 1000 }' >${root}/proc/uptime`,
    );
    write('run', readFileSync(join(root, 'usr/lib/container-os/health'), 'utf8').replace(' oci-runtime exec --cgroup /health "$name"', ''));
    write('slept', '');
    const { stderr } = spawnSync(shell, [...args, join(root, 'run'), 'web', join(root, 'state')], {
      env: { PATH: `${root}/bin:${process.env['PATH']}` },
      timeout: 30_000,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return readFileSync(join(root, 'slept'), 'utf8').trim().split('\n').map(Number).slice(0, times);
  }

  const health = (): string => readFileSync(join(root, 'state/health'), 'utf8').trim();
  const last = <Item>(list: Item[]): Item[] => list.slice(0, -1);

  it('the first check comes after an interval, and each failure counts', () => {
    expect(last(pauses(''))).toEqual([30, 30]);
    expect(health()).toBe('unhealthy');
  });

  it('in the start period the checks follow at its own pace, and no failure counts that began in it', () => {
    expect(last(pauses('health_start_period_ms=12000'))).toEqual([5, 5, 5, 30]);
    expect(health()).toBe('unhealthy');
  });

  it('paces of less than a second', () => {
    expect(last(pauses('health_start_period_ms=1100\nhealth_start_interval=0.5\nhealth_interval=0.25'))).toEqual([0.5, 0.5, 0.5, 0.25]);
  });

  it('the start period is over with the first success', () => {
    expect(last(pauses('health_start_period_ms=3600000\nhealth_start_interval=1', { healthy: [2] }))).toEqual([1, 1, 30, 30]);
    expect(health()).toBe('unhealthy');
  });

  it('a success begins the count of failures anew, and makes an unhealthy container healthy', () => {
    expect(pauses('', { times: 6, healthy: [2, 4, 6] })).toHaveLength(6);
    expect(health()).toBe('healthy');
  });
});
