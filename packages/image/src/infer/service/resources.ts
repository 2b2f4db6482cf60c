import type { Service } from './service.ts';

/** Limits of the container. */
export function resourcesOf(service: Service): object {
  const { ulimits, sysctls, deploy: { resources: { limits = {}, reservations = {} } = {} } = {}, cpu_period, cpu_quota, cpu_shares } = service;
  const { memory, cpus, pids } = limits;
  return {
    // Compose refuses limits that differ.
    mem_limit: service.mem_limit ?? memory,
    mem_reservation: service.mem_reservation ?? reservations.memory,
    shm_size: service.shm_size,
    oom_score_adj: service.oom_score_adj,
    cpus: service.cpus ?? (cpus === undefined ? undefined : Number(cpus)),
    cpu_period: number(cpu_period),
    cpu_quota: number(cpu_quota),
    // As in Docker, which raises and lowers what is out of range.
    cpu_shares: cpu_shares === undefined ? undefined : Math.min(262_144, Math.max(2, Number(cpu_shares))),
    cpuset: service.cpuset,
    pids_limit: service.pids_limit ?? pids,
    ulimits: ulimits && Object.fromEntries(Object.entries(ulimits).map(([name, limit]) => [name.toLowerCase(), bothOf(limit)])),
    sysctls,
  };
}

/** The reference prints numbers of these keys as text, and leaves zeros out. */
function number(value: number | string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function bothOf(limit: number | { soft?: number; hard?: number }): { soft: number; hard: number } {
  return typeof limit === 'number' ? { soft: limit, hard: limit } : { soft: limit.soft ?? 0, hard: limit.hard ?? 0 };
}
