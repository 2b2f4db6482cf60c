import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moved, SHELLS } from './shells.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stop-all-'));
  write('usr/lib/container-os/stop-all', moved('stop-all', root));
  mkdirSync(join(root, 'run/container-os/containers'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function container(name: string, status: string, depends: string[] = []): void {
  write(`run/container-os/containers/${name}/status`, `${status}\n`);
  write(`run/container-os/containers/${name}/bundle/service`, `depends='${depends.map((one) => `${one}:service_started`).join(' ')}'\n`);
}

describe.each(Object.entries(SHELLS))('in %s', (_, [shell, ...args]) => {
  /** Begin and end of each stop, in order. A container takes `seconds` to end; `stubborn` ones never end. */
  function stops(seconds = 0.05, stubborn: string[] = []): string[] {
    write(
      'usr/lib/container-os/stop-container',
      `#!/bin/sh\necho "$1" >>${root}/log; sleep ${seconds}\ncase " ${stubborn.join(' ')} " in *" $1 "*) ;; *) echo stopped >${root}/run/container-os/containers/$1/status ;; esac\necho "$1 ended" >>${root}/log\n`,
    );
    chmodSync(join(root, 'usr/lib/container-os/stop-container'), 0o755);
    write('bin/usleep', '#!/bin/sh\nexec sleep 0.05\n');
    chmodSync(join(root, 'bin/usleep'), 0o755);
    write('log', '');
    const { stderr, status } = spawnSync(shell, [...args, join(root, 'usr/lib/container-os/stop-all')], {
      env: { PATH: `${root}/bin:${process.env['PATH']}` },
      timeout: 20_000,
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(readdirSync(join(root, 'run/container-os'))).toEqual(['containers']);
    return readFileSync(join(root, 'log'), 'utf8').trim().split('\n');
  }

  it('a container is stopped when all that depend on it have ended', () => {
    container('db', 'running');
    container('api', 'running', ['db']);
    container('web', 'restarting', ['api', 'db']);
    container('job', 'exited', ['db']);
    container('other', 'starting');
    const order = stops();
    expect(order.filter((line) => !line.startsWith('other'))).toEqual(['web', 'web ended', 'api', 'api ended', 'db', 'db ended']);
    expect(order.slice(0, 2).sort()).toEqual(['other', 'web']);
  });

  it('all others are stopped at once', () => {
    for (let index = 0; index < 30; index++) container(`c${index}`, 'running');
    const began = Date.now();
    expect(stops(1)).toHaveLength(60);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('neither a cycle nor a container that cannot be stopped keeps the rest', () => {
    container('a', 'running', ['b']);
    container('b', 'running', ['a']);
    container('stuck', 'running', ['base']);
    container('base', 'running');
    expect(stops(0.05, ['stuck'])).toEqual(expect.arrayContaining(['a ended', 'b ended', 'base ended', 'stuck ended']));
  });

  it('without containers there is nothing to do', () => {
    expect(stops()).toEqual(['']);
    expect(existsSync(join(root, 'run/container-os/containers'))).toBe(true);
  });
});
