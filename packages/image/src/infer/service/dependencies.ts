import { BuildError } from '@container-os/core/errors';
import type { PlaceOf } from '../x-os.ts';
import { isCheck } from './life.ts';
import type { Project, Service } from './model.ts';

/** A service that others may wait for. */
export interface Awaited {
  /** Its root is made of layers: no OCI image has a health check for it. */
  ofLayers: boolean;
  /** Its profile. */
  profile: string;
}

/**
 * Refuses a wait that cannot end because nobody checks the health; returns a warning for each that only the restart policy keeps from its end.
 *
 * @throws BuildError HEALTH_CHECK_MISSING
 */
export function checkDependencies({ services, containersOf }: Project, awaited: ReadonlyMap<string, Awaited>, placeOf: PlaceOf): string[] {
  const warnings: string[] = [];
  for (const [name, { depends_on = {} }] of Object.entries(services)) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const [service, facts] = [services[other], awaited.get(other)];
      if (!service || !facts || containersOf(other).length === 0) continue;
      const path = ['services', name, 'depends_on', other];
      const at = `${placeOf(path)}: ${path.join('.')}`;
      if (condition === 'service_healthy' && !isCheck(service.healthcheck) && (facts.ofLayers || service.healthcheck !== undefined))
        throw new BuildError('HEALTH_CHECK_MISSING', `${at}: the service waits until ${other} is healthy, and ${other} has no health check`, {
          hint: `Write "healthcheck" in services.${other}, or "condition: service_started" here.`,
        });
      if (condition === 'service_completed_successfully' && startsAgain(service, facts))
        warnings.push(`${at}: ${other} starts again whenever it ends, so that it never completes; write "restart: on-failure" in services.${other}`);
    }
  }
  return warnings;
}

/** Also after an end without a failure. */
function startsAgain({ restart, deploy }: Service, { profile }: Awaited): boolean {
  const policy = deploy?.restart_policy ? (deploy.restart_policy.condition ?? 'any') : (restart ?? (profile === 'hardened' ? 'always' : 'no'));
  return ['always', 'unless-stopped', 'any'].includes(policy);
}
