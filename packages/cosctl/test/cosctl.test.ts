import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cosctl } from '../src/program/cli.ts';
import type { System } from '../src/program/system.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cosctl-'));
  vi.stubGlobal('COSCTL_VERSION', '1.2.3');
  await write('proc/uptime', '1000.42 900.00\n');
  await container('web', { status: 'running', pid: '133', address: '10.22.0.2', started: '700', failures: '2', reason: 'exited with code 1: oops' });
  await container('job', { status: 'failed', started: '900', failures: '3', reason: 'exited with code 3: no disk' });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await rm(root, { recursive: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function container(name: string, state: Record<string, string>, definition: object = {}): Promise<void> {
  for (const [file, text] of Object.entries(state)) await write(`run/container-os/containers/${name}/${file}`, `${text}\n`);
  await write(`containers/${name}/definition.json`, JSON.stringify(definition));
  await write(`containers/${name}/config.json`, '{"ociVersion":"1.2.1"}');
}

interface Result {
  code: number;
  out: string;
  err: string;
  /** Programs that were run. */
  ran: string[][];
}

/** Runs the command on the files below `root`; `execute` stands for the OS's programs. */
function run(argv: string[], execute: (argv: string[]) => number = () => 0): Result {
  const result: Result = { code: 0, out: '', err: '', ran: [] };
  const system: System = {
    read(path) {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch {
        return undefined;
      }
    },
    list(path) {
      try {
        return readdirSync(join(root, path)).sort();
      } catch {
        return [];
      }
    },
    remove: (path) => rmSync(join(root, path), { force: true }),
    execute: (command) => {
      result.ran.push(command);
      return execute(command);
    },
    print: (text) => (result.out += text),
    complain: (text) => (result.err += text),
    isTerminal: () => false,
    sleep: () => undefined,
  };
  result.code = cosctl(argv, system);
  return result;
}

const set = (name: string, status: string) => (): number => spawnSync('sh', ['-c', `echo ${status} >${root}/run/container-os/containers/${name}/status`]).status ?? 1;

describe('list', () => {
  it('shows the containers in a table', () => {
    expect(run(['list']).out).toBe(
      [
        'NAME  STATE    ADDRESS    PID  UPTIME  REASON',
        'job   failed   -          -    -       exited with code 3: no disk',
        'web   running  10.22.0.2  133  5 min   -',
        '',
      ].join('\n'),
    );
  });

  it('shows them as JSON', () => {
    expect(JSON.parse(run(['list', '--json']).out)).toEqual([
      { name: 'job', status: 'failed', address: null, pid: null, uptime: null, failures: 3, reason: 'exited with code 3: no disk' },
      { name: 'web', status: 'running', address: '10.22.0.2', pid: 133, uptime: 300, failures: 2, reason: 'exited with code 1: oops' },
    ]);
  });
});

describe('inspect', () => {
  it('shows state, definition and configuration, and what the definition opted out of', async () => {
    await container('web', {}, { userns_mode: 'host', network_mode: 'host', security_opt: ['seccomp:unconfined'], cap_add: ['SYS_TIME'], volumes: ['shop:/data', '/etc/os-release:/os:ro'] });
    const shown = JSON.parse(run(['inspect', 'web']).out) as Record<string, unknown>;
    expect(shown).toMatchObject({ name: 'web', pid: 133, config: { ociVersion: '1.2.1' } });
    expect(shown['optOuts']).toEqual(['userns_mode: host', 'network_mode: host', 'security_opt: seccomp:unconfined', 'cap_add: SYS_TIME', 'volumes: /etc/os-release:/os:ro']);
  });

  it('of a container that opted out of nothing says so', () => {
    expect(JSON.parse(run(['inspect', 'job']).out)).toMatchObject({ optOuts: [] });
  });
});

describe('start and stop', () => {
  it('stop waits for the end', () => {
    expect(run(['stop', 'web'], set('web', 'stopped'))).toEqual({ code: 0, out: '', err: '', ran: [['/usr/lib/container-os/stop-container', 'web']] });
  });

  it('stop fails when the container still runs', () => {
    expect(run(['stop', 'web'], () => 1)).toMatchObject({ code: 1, err: 'cosctl: web did not stop: it is running\n' });
  });

  it('start forgets earlier failures and asks the supervisor', async () => {
    await write('run/container-os/containers/job/stopping', '');
    expect(run(['start', 'job'], set('job', 'running'))).toMatchObject({ code: 0, ran: [['sv', 'up', '/run/service/job']] });
    expect(readdirSync(join(root, 'run/container-os/containers/job')).sort()).toEqual(['started', 'status']);
  });

  it('start leaves alone what runs', () => {
    expect(run(['start', 'web'])).toMatchObject({ code: 0, ran: [] });
  });

  it('start tells why a container did not', () => {
    const fails = (): number => spawnSync('sh', ['-c', `echo "did not start: no such file" >${root}/run/container-os/containers/job/reason`]).status ?? 1;
    expect(run(['start', 'job'], fails)).toMatchObject({ code: 1, err: 'cosctl: job did not start: did not start: no such file\n' });
  });
});

describe('exec', () => {
  it('hands the program its own options, and exits as it does', () => {
    expect(run(['exec', '-u', '0:0', 'web', 'ls', '-t', '--json'], () => 42)).toMatchObject({ code: 42, ran: [['runc', 'exec', '--user', '0:0', 'web', 'ls', '-t', '--json']] });
    expect(run(['exec', '-t', 'web', 'sh'])).toMatchObject({ ran: [['runc', 'exec', '--tty', 'web', 'sh']] });
  });

  it('refuses a container that does not run', () => {
    expect(run(['exec', 'job', 'sh'])).toMatchObject({ code: 1, ran: [], err: 'cosctl: job is not running: it is failed\n' });
  });
});

describe('logs', () => {
  beforeEach(async () => {
    await write('run/log/containers/web/@400000.s', '2026-01-01_00:00:01.00000 one\n2026-01-01_00:00:02.00000 two words\n');
    await write('run/log/containers/web/current', '2026-01-01_00:00:03.00000 three\n');
    await write('run/log/containers/web/config', 's100000\n');
  });

  it('prints rotated files and the current one in order', () => {
    expect(run(['logs', 'web']).out).toBe('one\ntwo words\nthree\n');
    expect(run(['logs', '-n', '2', 'web']).out).toBe('two words\nthree\n');
    expect(run(['logs', '--tail=0', 'web']).out).toBe('');
    expect(run(['logs', '-t', '-n1', 'web']).out).toBe('2026-01-01_00:00:03.00000 three\n');
  });

  it('refuses a number that is none', () => {
    expect(run(['logs', '-n', 'few', 'web'])).toMatchObject({ code: 2, err: 'cosctl: --tail few: expected a number of lines\n' });
  });
});

describe('wrong usage', () => {
  it.each([
    [['lits'], 2, 'cosctl: unknown command: lits (there are list, inspect, start, stop, restart, exec, logs, version)\n'],
    [['stop'], 2, 'cosctl: stop: expected stop NAME (see cosctl help stop)\n'],
    [['stop', 'a', 'b'], 2, 'cosctl: stop: expected stop NAME (see cosctl help stop)\n'],
    [['exec', 'web'], 2, 'cosctl: exec: expected exec [OPTIONS] NAME COMMAND [ARGUMENT...] (see cosctl help exec)\n'],
    [['inspect', 'none'], 1, 'cosctl: no such container: none (there are job, web)\n'],
  ])('%j', (argv, code, err) => {
    expect(run(argv)).toEqual({ code, out: '', err, ran: [] });
  });

  it('an option that there is not is named', () => {
    expect(run(['list', '--jsn'])).toMatchObject({ code: 2, err: expect.stringContaining("Unknown option '--jsn'") });
  });
});

describe('help', () => {
  it('lists the commands, and the options of one', () => {
    for (const argv of [[], ['help'], ['--help']]) expect(run(argv).out).toContain('Usage: cosctl COMMAND');
    for (const argv of [['help', 'logs'], ['logs', '--help']]) expect(run(argv).out).toContain('-f, --follow');
  });
});

it('version tells those of the OS and its kernel', async () => {
  await write('etc/os-release', 'NAME="x"\nPRETTY_NAME="container-os 0.1.0"\n');
  await write('proc/sys/kernel/osrelease', '6.12.117\n');
  expect(run(['version']).out).toBe('cosctl 1.2.3\nos container-os 0.1.0\nkernel 6.12.117\n');
  expect(JSON.parse(run(['version', '--json', '--client']).out)).toEqual({ cosctl: '1.2.3' });
});

it('the README shows the table as it is', async () => {
  expect(await readFile(join(import.meta.dirname, '../README.md'), 'utf8')).toContain(run(['list']).out.split('\n')[0]);
});
