import { BuildError } from '@container-os/core';
import { isIPv4 } from 'node:net';
import type { Accelerator, Boot, Cpu } from '../guest/machine.ts';
import type { Expectations } from '../verdict/assertions.ts';
import type { QemuTestOptions } from './schema.d.ts';

/** The plan, as JSON. */
export interface QemuTestPlan {
  boot: Boot;
  /** Whether the emulated processor's instructions are the guest's clock. */
  countsInstructions: boolean;
  memory: number;
  processors: number;
  cpu: Cpu;
  /** MiB; null for no disk. */
  disk: number | null;
  /** A directory of the image. */
  secrets?: string;
  accelerator: 'auto' | Accelerator;
  /** Words added to the kernel command line of a direct boot. */
  cmdline: string;
  /** Time limit of a boot in seconds, on a machine whose probe takes one. */
  timeLimit: number;
  /** Processes that keep this machine busy meanwhile. */
  busy: number;
  expect: Expectations;
}

/** @throws BuildError EXPECTATION_INVALID, for faults that the schema cannot express. */
export function planQemuTest(options: QemuTestOptions): QemuTestPlan {
  const { boot, clock, memory, processors, cpu, disk, secrets, accelerator, cmdline, timeLimit, busy, expect, ...limits } = options;
  const containers = Object.entries(expect.containers ?? {});
  for (const [name, { subnet }] of containers) {
    const [base = '', prefix] = subnet?.split('/') ?? [];
    if (subnet && !(isIPv4(base) && Number(prefix) <= 32)) throw invalid(`containers.${name}.subnet`, subnet, 'Write an IPv4 subnet such as 10.22.0.0/16.');
  }
  const names = containers.map(([name]) => name);
  for (const path of expect.reach ?? []) {
    const [from = '', to = ''] = path.split(' -> ');
    if (!names.includes(from) || !['gateway', 'host', ...names].includes(to))
      throw invalid('reach', path, `Write "A -> B": A one of ${names.join(', ') || '(no container is expected)'}; B one of them, gateway or host.`);
  }
  for (const [port, pattern] of Object.entries(expect.published ?? {})) {
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535) throw invalid('published', port, 'Write a TCP port from 1 to 65535.');
    if (!isPattern(pattern)) throw invalid(`published.${port}`, pattern, 'Write a regular expression.');
  }
  const machine = {
    boot,
    countsInstructions: clock === 'instructions',
    memory,
    processors,
    cpu,
    disk: disk ?? null,
    accelerator,
    ...(secrets === undefined ? {} : { secrets }),
  };
  return { ...machine, cmdline, timeLimit, busy, expect: { ...expect, ...limits } };
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

function invalid(option: string, value: string, hint: string): BuildError {
  return new BuildError('EXPECTATION_INVALID', `"expect.${option}" is "${value}"`, { hint });
}
