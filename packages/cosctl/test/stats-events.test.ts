import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { news } from '../src/program/commands/events.ts';
import { bytes } from '../src/program/table.ts';
import { useOs } from './os.ts';

const os = useOs();

describe('stats', () => {
  const cgroup = 'sys/fs/cgroup/containers/web';
  const used = (microseconds: number, uptime: number): void => {
    writeFileSync(os.path(`${cgroup}/cpu.stat`), `usage_usec ${microseconds}\nuser_usec 1\n`);
    writeFileSync(os.path('proc/uptime'), `${uptime} 1.00\n`);
  };
  /** Half a second on the CPUs in the first second. */
  const sleep = (): void => used(1_500_000, 1001.42);

  beforeEach(() => {
    os.write(`${cgroup}/memory.current`, '10485760\n');
    os.write(`${cgroup}/memory.max`, '33554432\n');
    os.write(`${cgroup}/memory.stat`, 'anon 1\ninactive_file 2097152\n');
    os.write(`${cgroup}/pids.current`, '3\n');
    os.write(`${cgroup}/pids.max`, 'max\n');
    os.write(`${cgroup}/io.stat`, '254:0 rbytes=1024 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n254:1 rbytes=512 wbytes=2048 rios=1 wios=1 dbytes=0 dios=0\n');
    os.write(
      'proc/133/net/dev',
      'Inter-|   Receive |  Transmit\n face |bytes |bytes\n    lo:  999 1 0 0 0 0 0 0  999 1 0 0 0 0 0 0\n  eth0:  1536 2 0 0 0 0 0 0  100 3 0 0 0 0 0 0\n  eth1: 10 2 0 0 0 0 0 0  1 3 0 0 0 0 0 0\n',
    );
    used(1_000_000, 1000.42);
  });

  it('without a terminal prints the usage of running containers once', () => {
    expect(os.run(['stats'], { sleep }).out).toBe(
      [
        'NAME  CPU %   MEM USAGE / LIMIT   MEM %   NET I/O          BLOCK I/O          PIDS',
        'web   50.00%  8.0 MiB / 32.0 MiB  25.00%  1.5 KiB / 101 B  1.5 KiB / 2.0 KiB  3',
        '',
      ].join('\n'),
    );
  });

  it('shows numbers as JSON, and null for values that a container lacks', () => {
    const keys = [
      'cpuPercent',
      'memoryBytes',
      'memoryLimitBytes',
      'netReceivedBytes',
      'netSentBytes',
      'blockReadBytes',
      'blockWrittenBytes',
      'processes',
      'processesLimit',
    ];
    const nothing = Object.fromEntries(keys.map((key) => [key, null]));
    expect(JSON.parse(os.run(['stats', '--json', 'web', 'job'], { sleep, terminal: true }).out)).toEqual([
      {
        name: 'web',
        cpuPercent: 50,
        memoryBytes: 8388608,
        memoryLimitBytes: 33554432,
        netReceivedBytes: 1546,
        netSentBytes: 101,
        blockReadBytes: 1536,
        blockWrittenBytes: 2048,
        processes: 3,
        processesLimit: null,
      },
      { name: 'job', ...nothing },
    ]);
  });

  it('without a limit of its own a container may take what the OS has', () => {
    os.write(`${cgroup}/memory.max`, 'max\n');
    os.write('proc/meminfo', 'MemTotal:         1024 kB\n');
    expect(JSON.parse(os.run(['stats', '--json'], { sleep }).out)).toMatchObject([{ memoryLimitBytes: 1_048_576 }]);
  });

  it('on a terminal updates the table, unless --no-stream is given', () => {
    let rounds = 0;
    const interrupted = (): void => {
      if (++rounds === 3) throw new Error('Ctrl-C');
    };
    expect(() => os.run(['stats'], { terminal: true, sleep: interrupted })).toThrow('Ctrl-C');
    expect(os.run(['stats', '-n'], { terminal: true }).out).toMatch(/^NAME/);
  });

  it('writes sizes as people read them', () => {
    expect([0, 1023, 1024, 1536, 150 * 1024, 2 ** 30, 2 ** 52].map(bytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '150 KiB', '1.0 GiB', '4096 TiB']);
  });
});

describe('events', () => {
  const line = (time: string, name: string, event: string, reason = ''): string => `${JSON.stringify({ time: `2026-01-01T${time}Z`, name, event, reason })}\n`;

  beforeEach(() => {
    os.write('run/container-os/events.old', line('00:00:01', 'job', 'starting'));
    os.write('run/container-os/events', line('00:00:02', 'web', 'running') + line('00:00:03', 'job', 'failed', 'no disk') + '{"time":"half a li');
  });

  it('shows them in order, with reasons', () => {
    expect(os.run(['events']).out).toBe(
      '2026-01-01T00:00:01Z  job  starting\n2026-01-01T00:00:02Z  web  running\n2026-01-01T00:00:03Z  job  failed  no disk\n',
    );
    expect(os.run(['events', '--json', 'web']).out).toBe(line('00:00:02', 'web', 'running'));
  });

  it('shows those since a time, or a while ago', () => {
    vi.useFakeTimers({ now: Date.parse('2026-01-01T00:01:03.900Z') });
    expect(os.run(['events', '--since', '2026-01-01T00:00:03Z']).out).toContain('failed');
    expect(os.run(['events', '--since', '1m']).out).toBe('2026-01-01T00:00:03Z  job  failed  no disk\n');
    expect(os.run(['events', '--since', 'noon'])).toMatchObject({ code: 2, err: expect.stringContaining('--since noon: expected a time such as') });
  });

  it.each([
    ['appended', { old: 'a', current: 'b' }, { old: 'a', current: 'bc' }, 'c'],
    ['moved on', { old: 'a', current: 'b' }, { old: 'bc', current: 'd' }, 'cd'],
    ['moved on, and nothing since', { old: 'a', current: 'b' }, { old: 'b', current: '' }, ''],
    ['moved on twice', { old: 'a', current: 'b' }, { old: 'cd', current: 'e' }, 'cde'],
  ])('shows no line twice and loses none when the files are %s', (_, before, now, expected) => {
    expect(news(before, now)).toBe(expected);
  });
});
