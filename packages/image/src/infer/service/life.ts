import { signalOf } from '@container-os/oci-bundle/signal';
import { defined } from './defined.ts';
import type { Hook, Project, Service } from './model.ts';

/** When the container starts, how it is checked, how it ends. */
export function lifeOf(service: Service, project: Project): object {
  const { depends_on, init, stop_signal, stop_grace_period, tty, stdin_open, post_start, pre_stop } = service;
  return {
    restart: restartOf(service),
    depends_on: depends_on && Object.fromEntries(Object.entries(depends_on).flatMap((needed) => needsOf(needed, project))),
    init,
    tty,
    stdin_open,
    // An unknown one is for the bundle to refuse.
    stop_signal: stop_signal && (signalOf(stop_signal) ?? stop_signal),
    stop_grace_period,
    post_start: post_start?.map(hookOf),
    pre_stop: pre_stop?.map(hookOf),
  };
}

/** A container needs every container of a service. Compose prints what a key leaves to its default. */
function needsOf([service, { condition, required, restart }]: [string, NonNullable<Service['depends_on']>[string]], project: Project): [string, object][] {
  const need = { condition, ...(required === false ? { required } : {}), ...(restart ? { restart } : {}) };
  return project.containersOf(service).map((container) => [container, need]);
}

/** Names of `deploy.restart_policy` for the engine; every other one is its own. */
const CONDITIONS: Readonly<Record<string, string>> = { none: 'no', any: 'always', '': 'always' };

/** `deploy` wins; without a condition it means always, as in Docker Compose. */
function restartOf({ restart, deploy }: Service): string | undefined {
  const policy = deploy?.restart_policy;
  if (!policy) return restart || undefined;
  const { condition = '', max_attempts: attempts = 0 } = policy;
  const name = CONDITIONS[condition] ?? condition;
  return attempts > 0 && ['always', 'on-failure'].includes(name) ? `${name}:${attempts}` : name;
}

function hookOf({ command, user, privileged, working_dir, environment }: Hook): object {
  // A variable without a value is not set.
  const set = environment && Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== null));
  return defined({ command: command ?? [], user: user || undefined, privileged, working_dir: working_dir || undefined, environment: set });
}

export function isCheck(check: Service['healthcheck']): check is NonNullable<Service['healthcheck']> {
  return check !== undefined && !check.disable && check.test?.[0] !== 'NONE';
}

export function checkOf({ test, interval, timeout, retries, start_period, start_interval }: NonNullable<Service['healthcheck']>): object {
  return defined({ test, interval, timeout, retries, start_period, start_interval });
}
