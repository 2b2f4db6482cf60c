import { BuildError } from '@container-os/core';
import { isIPv4 } from 'node:net';
import type { Accelerator, Boot } from '../machine.ts';
import type { Expectations } from './assertions.ts';
import type { SmokeOptions } from './schema.d.ts';

/** What is to be done, as JSON. */
export interface SmokePlan {
  boots: Boot[];
  memory: number;
  accelerator: 'auto' | Accelerator;
  expect: Expectations;
}

/** Errors: `EXPECTATION_INVALID`, for what the schema cannot say. */
export function planSmoke({ boots = ['direct', 'iso-bios', 'iso-uefi'], memory = 256, accelerator = 'auto', expect = {}, ...limits }: SmokeOptions): SmokePlan {
  const containers = Object.entries(expect.containers ?? {});
  for (const [name, { subnet }] of containers) {
    const [base = '', prefix] = subnet?.split('/') ?? [];
    if (subnet && !(isIPv4(base) && Number(prefix) <= 32)) throw invalid(`containers.${name}.subnet`, subnet, 'Write an IPv4 subnet such as 10.22.0.0/16.');
  }
  const names = containers.map(([name]) => name);
  for (const path of expect.reach ?? []) {
    const [from = '', to = ''] = path.split(' -> ');
    if (!names.includes(from) || !['gateway', 'host', ...names].includes(to)) throw invalid('reach', path, `Write "A -> B": A one of ${names.join(', ') || '(no container is expected)'}; B one of them, gateway or host.`);
  }
  return { boots: [...new Set(boots)], memory, accelerator, expect: { ...expect, ...limits } };
}

function invalid(option: string, value: string, hint: string): BuildError {
  return new BuildError('EXPECTATION_INVALID', `"expect.${option}" is "${value}"`, { hint });
}
