import { seconds, type Container } from './containers.ts';
import type { System } from './system.ts';

/** Resource usage of a container at one moment; null if the kernel has no value or the container does not run. */
export interface Usage {
  name: string;
  /** Per cent of one CPU: two busy CPUs are 200. */
  cpuPercent: number | null;
  memoryBytes: number | null;
  memoryLimitBytes: number | null;
  netReceivedBytes: number | null;
  netSentBytes: number | null;
  blockReadBytes: number | null;
  blockWrittenBytes: number | null;
  processes: number | null;
  processesLimit: number | null;
}

/** CPU time used so far, and the time of the sample, both in seconds. */
export interface CpuSample {
  used: number;
  at: number;
}

export function sampleCpu(system: System, name: string): CpuSample | undefined {
  const used = fields(system.read(`${cgroup(name)}/cpu.stat`))['usage_usec'];
  return used === undefined ? undefined : { used: used / 1e6, at: seconds(system) };
}

/** The usage of a container; its CPU usage since the sample `before`. */
export function readUsage(system: System, { name, pid, address }: Container, before: CpuSample | undefined): Usage {
  const number = (file: string): number | null => {
    const text = system.read(`${cgroup(name)}/${file}`)?.trim();
    return text === undefined || text === '' || text === 'max' ? null : Number(text);
  };
  const cpu = sampleCpu(system, name);
  const memory = number('memory.current');
  // Like docker, leave out inactive file cache, which the kernel frees when memory is needed.
  const cache = fields(system.read(`${cgroup(name)}/memory.stat`))['inactive_file'] ?? 0;
  // A container without an address uses the networks of the OS, whose traffic is not its own.
  const [received, sent] = pid === null || address === null ? [null, null] : network(system.read(`/proc/${pid}/net/dev`) ?? '');
  const io = system.read(`${cgroup(name)}/io.stat`);
  return {
    name,
    cpuPercent: cpu && before && cpu.at > before.at ? Math.round((10_000 * (cpu.used - before.used)) / (cpu.at - before.at)) / 100 : null,
    memoryBytes: memory === null ? null : Math.max(0, memory - cache),
    memoryLimitBytes: memory === null ? null : (number('memory.max') ?? totalMemory(system)),
    netReceivedBytes: received,
    netSentBytes: sent,
    blockReadBytes: io === undefined ? null : sum(io, /rbytes=(\d+)/g),
    blockWrittenBytes: io === undefined ? null : sum(io, /wbytes=(\d+)/g),
    processes: number('pids.current'),
    processesLimit: number('pids.max'),
  };
}

function cgroup(name: string): string {
  return `/sys/fs/cgroup/containers/${name}`;
}

/** Lines of a key and a number. */
function fields(text = ''): Record<string, number> {
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.split(' '))
      .map(([key = '', value]) => [key, Number(value)]),
  );
}

/** Bytes received and sent by all interfaces of /proc/PID/net/dev but lo. */
function network(text: string): [received: number, sent: number] {
  const rows = [...text.matchAll(/^\s*(?!lo:)[^\s:]+:\s*(\d+)(?:\s+\d+){7}\s+(\d+)/gm)];
  return [total(rows.map(([, received]) => Number(received))), total(rows.map(([, , sent]) => Number(sent)))];
}

function sum(text: string, pattern: RegExp): number {
  return total([...text.matchAll(pattern)].map(([, digits]) => Number(digits)));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function totalMemory(system: System): number | null {
  const kib = /^MemTotal:\s*(\d+) kB/m.exec(system.read('/proc/meminfo') ?? '')?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}
