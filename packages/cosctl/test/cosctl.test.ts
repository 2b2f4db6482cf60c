import { rm } from 'node:fs/promises';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { useOs } from './os.ts';

const os = useOs();
const { run, set } = os;

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
      expect.objectContaining({ name: 'job', status: 'failed', health: null, address: null, pid: null, uptime: null, failures: 3, restarts: 2, service: null }),
      {
        name: 'web',
        status: 'running',
        health: null,
        address: '10.22.0.2',
        pid: 133,
        uptime: 300,
        failures: 2,
        restarts: 0,
        reason: 'exited with code 1: oops',
        project: null,
        service: null,
      },
    ]);
  });
});

describe('the name of a Compose service', () => {
  const labels = (service: string): object => ({ labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': service } });
  beforeEach(() => {
    os.container('shop-api-1', { status: 'running', pid: '7' }, labels('api'));
    for (const number of [1, 2]) os.container(`shop-db-${number}`, { status: 'exited' }, labels('db'));
    os.write('run/log/containers/shop-api-1/current', '2026-01-01_00:00:01.00000 hello\n');
    os.write('run/container-os/events', '{"time":"2026-01-01T00:00:01Z","name":"shop-api-1","event":"running","reason":""}\n');
  });

  it.each<[string[], string]>([
    [['logs', 'api'], 'hello\n'],
    [['events', 'api'], '2026-01-01T00:00:01Z  shop-api-1  running\n'],
    [['inspect', 'api'], '"name": "shop-api-1"'],
    [['stats', '-n', 'api'], 'shop-api-1 '],
    [['start', '--json', 'api'], '"name":"shop-api-1"'],
  ])('is as good as that of its only container: %j', (argv, output) => {
    expect(run(argv)).toMatchObject({ code: 0, out: expect.stringContaining(output) });
  });

  it('is what the OS runs programs in, or stops', () => {
    expect(run(['exec', 'api', 'true']).ran).toContainEqual(expect.arrayContaining(['exec', 'shop-api-1', 'true']));
    const stopped = run(['stop', 'api'], { execute: () => set('shop-api-1', 'status', 'stopped') });
    expect(stopped.ran).toEqual([['/usr/lib/container-os/stop-container', 'shop-api-1']]);
  });

  it('with several containers is refused, and they are named', () => {
    const err = 'cosctl: the service db has several containers: name one of shop-db-1, shop-db-2\n';
    expect(run(['stop', 'db'])).toMatchObject({ code: 1, err, ran: [] });
    expect(run(['exec', 'db', 'true'])).toMatchObject({ code: 125, err });
  });

  it('is less than that of a container', () => {
    os.container('api', { status: 'exited' });
    expect(JSON.parse(run(['inspect', 'api']).out)).toMatchObject({ name: 'api', status: 'exited' });
  });

  it('is in the list as JSON', () => {
    expect(JSON.parse(run(['list', '--json']).out)).toContainEqual(expect.objectContaining({ name: 'shop-db-2', project: 'shop', service: 'db' }));
  });
});

it('list shows the health of a running container', () => {
  for (const name of ['web', 'job']) set(name, 'health', 'healthy');
  expect(run(['ps']).out).toMatch(/^job +failed  [^]*^web +running \(healthy\)  /m);
});

describe('inspect', () => {
  it('shows state, definition and configuration, and what the definition opted out of', () => {
    const volumes = ['shop:/data', '/etc/os-release:/os:ro'];
    os.container(
      'web',
      {},
      {
        'x-profile': 'hardened',
        userns_mode: 'host',
        network_mode: 'host',
        read_only: false,
        security_opt: ['seccomp:unconfined'],
        cap_add: ['SYS_TIME'],
        volumes,
      },
    );
    const shown = JSON.parse(run(['inspect', 'web']).out) as Record<string, unknown>;
    expect(shown).toMatchObject({ name: 'web', pid: 133, config: { ociVersion: '1.2.1' } });
    expect(shown['optOuts']).toEqual([
      'network_mode: host',
      'security_opt: seccomp:unconfined',
      'userns_mode: host',
      'volumes: /etc/os-release:/os:ro',
      'read_only: false',
      'cap_add: SYS_TIME',
    ]);
  });

  it('says where writes to the root go', () => {
    writeFileSync(os.path('run/container-os/containers/job/writable-layer'), 'disk\n');
    expect(JSON.parse(run(['inspect', 'job']).out)).toMatchObject({ writableLayer: 'disk' });
  });

  it('does not count what Docker gives every container', () => {
    os.container('web', {}, { read_only: false, security_opt: ['no-new-privileges:false'] });
    expect(JSON.parse(run(['inspect', 'web']).out)).toMatchObject({ optOuts: [] });
  });

  it('shows an empty list for a container that opted out of nothing', () => {
    expect(JSON.parse(run(['inspect', 'job']).out)).toMatchObject({ optOuts: [] });
  });
});

it('inspect lists the opt-outs of a configuration without a definition', async () => {
  os.container('web', {}, {}, { process: {}, root: { path: 'rootfs' }, linux: { namespaces: [{ type: 'pid' }] } });
  await rm(os.path('run/container-os/containers/web/bundle/definition.json'));
  const optOuts = ['userns_mode: host', 'network_mode: host', 'read_only: false', 'security_opt: seccomp:unconfined', 'security_opt: no-new-privileges:false'];
  expect(JSON.parse(run(['inspect', 'web']).out)).toMatchObject({ definition: null, optOuts });
});

describe('start and stop', () => {
  it('stop waits for the end', () => {
    expect(run(['stop', 'web'], { execute: () => set('web', 'status', 'stopped') })).toEqual({
      code: 0,
      out: '',
      err: '',
      ran: [['/usr/lib/container-os/stop-container', 'web']],
    });
  });

  it('stop fails when the container still runs', () => {
    expect(run(['stop', 'web'], { execute: () => 1 })).toMatchObject({ code: 1, err: 'cosctl: web did not stop; its status is running\n' });
  });

  it('start forgets earlier failures and asks the supervisor', () => {
    os.write('run/container-os/containers/job/stopping', '');
    expect(run(['start', 'job'], { execute: () => set('job', 'status', 'running') })).toMatchObject({ code: 0, ran: [['sv', 'up', '/run/service/job']] });
    expect(readdirSync(os.path('run/container-os/containers/job')).sort()).toEqual(['bundle', 'started', 'status']);
  });

  it('start does nothing to a running container', () => {
    expect(run(['start', 'web'])).toMatchObject({ code: 0, ran: [] });
  });

  it('start prints why a container did not start', () => {
    const execute = (): number => set('job', 'reason', 'did not start: no such file');
    expect(run(['start', 'job'], { execute })).toMatchObject({ code: 1, err: 'cosctl: job did not start: no such file\n' });
    const ends = (): number => set('job', 'reason', 'exited with code 3: full');
    expect(run(['start', 'job'], { execute: ends })).toMatchObject({ code: 1, err: 'cosctl: job did not start: exited with code 3: full\n' });
  });

  it('takes several containers, goes on after a failure, and prints their new states', () => {
    const execute = ([, name = '']: string[]): number => (name === 'web' ? set('web', 'status', 'stopped') : 1);
    const { code, out, err } = run(['stop', '--json', 'none', 'web', 'web'], { execute });
    expect({ code, err }).toEqual({ code: 1, err: 'cosctl: no such container: none (containers: job, web)\n' });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([expect.objectContaining({ name: 'web', status: 'stopped', pid: null })]);
  });
});

describe('delete', () => {
  it('refuses a container that runs, unless forced', () => {
    expect(run(['delete', 'web'])).toMatchObject({ code: 1, ran: [], err: 'cosctl: web is running: stop it first, or delete it with --force\n' });
    const execute = (): number => set('web', 'status', 'stopped');
    expect(run(['rm', '-f', 'web'], { execute })).toMatchObject({
      code: 0,
      ran: [
        ['/usr/lib/container-os/stop-container', 'web'],
        ['/usr/lib/container-os/remove-service', 'web'],
      ],
    });
  });

  it('fails if the container was not deleted completely', () => {
    expect(run(['delete', 'job'], { execute: () => 1 })).toMatchObject({ code: 1, err: 'cosctl: job was not deleted completely\n' });
  });
});

describe('exec', () => {
  const runtime = ['oci-runtime', '--log', '/run/container-os/exec.42.log', 'exec'];
  /** Fails as runc does. */
  const failing = (message: string) => (): number => {
    writeFileSync(os.path('run/container-os/exec.42.log'), `time="now" level=error msg="exec failed: unable to start container process: ${message}"\n`);
    return 255;
  };

  it('hands the program its own options, and exits as it does', () => {
    expect(run(['exec', '-u', '0:0', 'web', 'ls', '-t', '--json'], { execute: () => 42 })).toMatchObject({
      code: 42,
      ran: [[...runtime, '--user', '0:0', 'web', 'ls', '-t', '--json', '</dev/null']],
    });
    expect(run(['exec', 'web', 'false'], { execute: () => 255 })).toMatchObject({ code: 255 });
  });

  it('takes the options that people know, together too', () => {
    expect(run(['exec', '-it', 'web', 'sh'])).toMatchObject({ ran: [[...runtime, '--tty', 'web', 'sh']] });
    expect(run(['exec', '-ie', 'A=1', '--env=B=2', '-w', '/srv', 'web', 'env', '-i'])).toMatchObject({
      ran: [[...runtime, '--env', 'A=1', '--env', 'B=2', '--cwd', '/srv', 'web', 'env', '-i']],
    });
    expect(run(['exec', 'web', 'sh'], { terminal: true })).toMatchObject({ ran: [[...runtime, '--tty', 'web', 'sh']] });
  });

  it('distinguishes a missing program from one that cannot be executed, and leaves no file', () => {
    expect(run(['exec', 'web', 'a'], { execute: failing('exec: \\"a\\": executable file not found in $PATH') }).code).toBe(127);
    expect(run(['exec', 'web', '/etc'], { execute: failing('exec: \\"/etc\\": permission denied') }).code).toBe(126);
    expect(readdirSync(os.path('run/container-os'))).toEqual(['containers']);
  });

  it('knows the errors of crun', () => {
    const crun = (message: string) => (): number => {
      writeFileSync(os.path('run/container-os/exec.42.log'), `${message}\n`);
      return 255;
    };
    expect(run(['exec', 'web', 'a'], { execute: crun('executable file `a` not found in $PATH: No such file or directory') }).code).toBe(127);
    expect(run(['exec', 'web', '/etc'], { execute: crun('the path `/etc` is not a regular file: Operation not permitted') }).code).toBe(126);
  });

  it('refuses a container that is not running or does not exist', () => {
    expect(run(['exec', 'job', 'sh'])).toMatchObject({ code: 125, ran: [], err: 'cosctl: job is not running; its status is failed\n' });
    expect(run(['exec', 'none', 'sh'])).toMatchObject({ code: 125, ran: [] });
  });
});

describe('logs', () => {
  beforeEach(() => {
    os.write('run/log/containers/web/@400000.s', '2026-01-01_00:00:01.00000 one\n2026-01-01_00:00:02.00000 two words\n');
    os.write('run/log/containers/web/current', '2026-01-01_00:00:03.00000 three\n');
    os.write('run/log/containers/web/config', 's100000\n');
  });

  it('prints rotated files and the current one in order', () => {
    expect(run(['logs', 'web']).out).toBe('one\ntwo words\nthree\n');
    expect(run(['logs', '-n', '2', 'web']).out).toBe('two words\nthree\n');
    expect(run(['logs', '--tail=0', 'web']).out).toBe('');
    expect(run(['logs', '-t', '-n1', 'web']).out).toBe('2026-01-01_00:00:03.00000 three\n');
    expect(run(['logs', '--json', '-n1', 'web']).out).toBe('{"time":"2026-01-01T00:00:03.00000Z","text":"three"}\n');
  });

  it('refuses an invalid number', () => {
    expect(run(['logs', '-n', 'few', 'web'])).toMatchObject({ code: 2, err: 'cosctl: --tail few: expected a number of lines\n' });
  });
});

describe('wrong usage', () => {
  it.each([
    [['lits'], 2, expect.stringMatching(/^cosctl: unknown command: lits \(expected one of list, inspect, create, .*, version\)\n$/)],
    [['stop'], 2, 'cosctl: stop: expected stop NAME... (see cosctl help stop)\n'],
    [['inspect', 'a', 'b'], 2, 'cosctl: inspect: expected inspect NAME (see cosctl help inspect)\n'],
    [['exec', 'web'], 2, 'cosctl: exec: expected exec [OPTIONS] NAME COMMAND [ARGUMENT...] (see cosctl help exec)\n'],
    [['inspect', 'none'], 1, 'cosctl: no such container: none (containers: job, web)\n'],
  ])('%j', (argv, code, err) => {
    expect(run(argv)).toEqual({ code, out: '', err, ran: [] });
  });

  it('an unknown option is named', () => {
    expect(run(['list', '--jsn'])).toMatchObject({ code: 2, err: expect.stringContaining("Unknown option '--jsn'") });
  });
});

describe('help', () => {
  it('lists the commands, and the options of one', () => {
    for (const argv of [[], ['help'], ['--help']]) expect(run(argv).out).toContain('Usage: cosctl COMMAND');
    for (const argv of ['help logs', 'logs --help'].map((line) => line.split(' '))) expect(run(argv).out).toContain('-f, --follow');
  });
});

it('version prints the versions of the OS and its kernel', () => {
  os.write('etc/os-release', 'PRETTY_NAME="container-os 0.1.0"\n');
  os.write('proc/sys/kernel/osrelease', '6.12.117\n');
  expect(run(['version']).out).toBe('cosctl 1.2.3\nos container-os 0.1.0\nkernel 6.12.117\n');
  expect(JSON.parse(run(['version', '--json', '--client']).out)).toEqual({ cosctl: '1.2.3' });
});

it('the README shows the table as it is', () => {
  const [header] = run(['list']).out.split('\n');
  expect(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')).toContain(header);
});
