import type { Service } from './service.ts';

/** Limits of the container. */
export function resourcesOf(service: Service): object {
  const { ulimits, sysctls } = service;
  const { memory, cpus, pids } = service.deploy?.resources?.limits ?? {};
  return {
    // Compose refuses limits that differ.
    mem_limit: service.mem_limit ?? memory,
    shm_size: service.shm_size,
    cpus: service.cpus ?? (cpus === undefined ? undefined : Number(cpus)),
    pids_limit: service.pids_limit ?? pids,
    ulimits:
      ulimits && Object.fromEntries(Object.entries(ulimits).map(([name, limit]) => [name, typeof limit === 'number' ? { soft: limit, hard: limit } : limit])),
    sysctls,
  };
}
