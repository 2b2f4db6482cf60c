import { signalOf } from '@container-os/oci-bundle/signal';
import { defined } from './defined.ts';
import type { Project } from './project.ts';
import type { Service } from './service.ts';

/** When the container starts, how it is checked, how it ends. */
export function lifeOf(service: Service, project: Project): object {
  const { restart, depends_on, init, stop_signal, stop_grace_period } = service;
  const needed = Object.entries(depends_on ?? {}).flatMap(([name, { condition }]) => project.containersOf(name).map((container) => [container, { condition }]));
  return {
    restart: restart === 'unless-stopped' ? 'always' : restart,
    depends_on: depends_on && Object.fromEntries(needed),
    init,
    // An unknown one is for the bundle to refuse.
    stop_signal: stop_signal && (signalOf(stop_signal) ?? stop_signal),
    stop_grace_period: seconds(stop_grace_period),
  };
}

export function isCheck(check: Service['healthcheck']): check is NonNullable<Service['healthcheck']> {
  return check !== undefined && !check.disable && check.test?.[0] !== 'NONE';
}

export function checkOf({ test, interval, timeout, retries, start_period, start_interval }: NonNullable<Service['healthcheck']>): object {
  const times = {
    interval: seconds(interval),
    timeout: seconds(timeout),
    retries,
    start_period: seconds(start_period),
    start_interval: seconds(start_interval),
  };
  return defined({ test, ...times });
}

/** "1m30s" is "90s". */
export function seconds(duration: string | undefined): string | undefined {
  if (duration === undefined) return undefined;
  const units = { h: 3600, m: 60, s: 1 } as const;
  const parts = [...duration.matchAll(/(\d+)([hms])(?!s)/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
  // What is no whole number of seconds is for the schema to refuse.
  return parts.map(([part]) => part).join('') === duration ? `${total}s` : duration;
}
