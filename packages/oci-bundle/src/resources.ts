import type { Defaults } from './defaults.ts';
import type { Definition } from './definition.schema.d.ts';
import { deviceRules } from './privileges.ts';
import { bytes } from './values.ts';

/** Period of the CPU quota in microseconds, as in Docker. */
const CPU_PERIOD = 100_000;
/** RLIM_INFINITY is one less, which no number of JavaScript is; `formatConfig` writes it. */
const UNLIMITED = 2 ** 64;

export function rlimitsOf({ ulimits = {} }: Definition, { nofile }: Defaults): { type: string; soft: number; hard: number }[] {
  const limit = (value: number): number => (value < 0 ? UNLIMITED : value);
  return Object.entries({ nofile, ...ulimits }).map(([type, { soft, hard }]) => ({
    type: `RLIMIT_${type.toUpperCase()}`,
    soft: limit(soft),
    hard: limit(hard),
  }));
}

export function resourcesOf(definition: Definition, { memory, processes }: Defaults): object {
  const { mem_limit = memory, mem_reservation, pids_limit: pids = processes } = definition;
  const limit = mem_limit === undefined ? undefined : bytes(mem_limit);
  const ofMemory = {
    // "swap" is the sum of memory and swap: there is no swap.
    ...(limit === undefined ? {} : { limit, swap: limit }),
    ...(mem_reservation === undefined ? {} : { reservation: bytes(mem_reservation) }),
  };
  const cpu = cpuOf(definition);
  return {
    devices: deviceRules(definition),
    ...(Object.keys(ofMemory).length > 0 ? { memory: ofMemory } : {}),
    ...(pids === undefined || pids <= 0 ? {} : { pids: { limit: pids } }),
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
  };
}

function cpuOf({ cpus, cpu_period: period, cpu_quota: quota, cpu_shares: shares, cpuset }: Definition): object {
  return {
    ...(cpus === undefined ? {} : { period: CPU_PERIOD, quota: Math.round(cpus * CPU_PERIOD) }),
    ...(period === undefined ? {} : { period }),
    ...(quota === undefined ? {} : { quota }),
    ...(shares === undefined ? {} : { shares }),
    ...(cpuset === undefined ? {} : { cpus: cpuset }),
  };
}

/** The text of config.json. */
export function formatConfig(config: object): string {
  return `${JSON.stringify(config, null, 2).replace(/: 18446744073709552000\b/g, ': 18446744073709551615')}\n`;
}
