import type { Definition } from '@container-os/oci-bundle/container';
import { CommandError, type System } from './system.ts';

export const STATE = '/run/container-os/containers';
/** Bundles of the image; bundles created at run time are in another directory. */
export const BUNDLES = '/containers';
/** Before Compose's labels. */
export const COMPOSE = 'com.docker.compose.';
export const LIBRARY = '/usr/lib/container-os';

/** A container, read from its state directory. */
export interface Container {
  name: string;
  status: string;
  /** Result of the health check: starting, healthy or unhealthy; null without a check, or if the container does not run. */
  health: string | null;
  address: string | null;
  pid: number | null;
  /** Seconds since it was started; null when it does not run. */
  uptime: number | null;
  /** Ends in a row, each within 10 s of the start. */
  failures: number;
  /** How often it started again since somebody started it. */
  restarts: number;
  /** Why it ended last; of a container that is starting, what it waits for. */
  reason: string | null;
}

export function listContainers(system: System): Container[] {
  return namesOf(system).map((name) => readContainer(system, name));
}

function namesOf(system: System): string[] {
  return system.list(STATE).filter((name) => system.read(`${STATE}/${name}/status`) !== undefined);
}

/**
 * The container of this name, else the one of the Compose service of this name.
 *
 * @throws CommandError no such container, or several of the service; the message lists them.
 */
export function requireContainer(system: System, name: string): Container {
  const names = namesOf(system);
  if (names.includes(name)) return readContainer(system, name);
  const [container, ...more] = names.filter((one) => identityOf(system, one).service === name);
  if (container !== undefined && more.length === 0) return readContainer(system, container);
  if (container !== undefined) throw new CommandError(`the service ${name} has several containers: name one of ${[container, ...more].join(', ')}`);
  throw new CommandError(`no such container: ${name} (containers: ${names.join(', ') || 'none'})`);
}

/** Where a container is from, by the labels that Compose gives it. */
export interface Identity {
  project: string | null;
  service: string | null;
}

export function identityOf(system: System, name: string): Identity {
  const { labels = {} } = JSON.parse(system.read(`${STATE}/${name}/bundle/definition.json`) ?? '{}') as Pick<Definition, 'labels'>;
  return { project: labels[`${COMPOSE}project`] ?? null, service: labels[`${COMPOSE}service`] ?? null };
}

/** The container runs, or its supervisor is about to start it. */
export function isActive({ status }: Container): boolean {
  return ['starting', 'waiting', 'running', 'restarting'].includes(status);
}

/**
 * Waits until `look` returns true, at most so many seconds; returns whether it did. The pause grows with the time that has passed: fifty
 * that wait must not take the processor from what they wait for.
 */
export function waitUntil(system: System, seconds: number, look: () => boolean): boolean {
  let waited = 0;
  while (!look()) {
    if (waited >= seconds * 1000) return false;
    const pause = Math.round(Math.min(2000, Math.max(100, waited / 4)));
    system.sleep(pause);
    waited += pause;
  }
  return true;
}

/** The bundle of a container, or of one of the image that was deleted. */
export function bundleOf(system: System, name: string): string {
  const found = [`${STATE}/${name}/bundle`, `${BUNDLES}/${name}`].find((bundle) => system.read(`${bundle}/config.json`) !== undefined);
  if (found !== undefined) return found;
  const container = requireContainer(system, name).name;
  if (container !== name) return bundleOf(system, container);
  throw new CommandError(`${STATE}/${name}/bundle/config.json cannot be read`);
}

/**
 * Calls `action` for each container, also after one has failed. With `json`, prints each container's new state as a line
 * of JSON. Returns the exit code.
 */
export function forEach(names: readonly string[], action: (name: string) => void, { system, json }: { system: System; json: unknown }): number {
  let code = 0;
  for (const name of new Set(names)) {
    try {
      const container = requireContainer(system, name).name;
      action(container);
      if (json) system.print(`${JSON.stringify(readContainer(system, container))}\n`);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      system.complain(`cosctl: ${error.message}\n`);
      code = error.exitCode;
    }
  }
  return code;
}

export function readContainer(system: System, name: string): Container {
  const line = (file: string): string | null => system.read(`${STATE}/${name}/${file}`)?.trim() || null;
  const status = line('status') ?? 'deleted';
  const running = status === 'running';
  const started = Number(line('started'));
  const pid = Number(line('pid'));
  return {
    name,
    status,
    health: running ? line('health') : null,
    address: running ? line('address') : null,
    pid: running && pid > 0 ? pid : null,
    uptime: running ? Math.max(0, Math.floor(seconds(system)) - started) : null,
    failures: Number(line('failures') ?? 0),
    restarts: Number(line('restarts') ?? 0),
    reason: status === 'starting' ? line('waiting') : line('reason'),
  };
}

/** Seconds since the kernel started. */
export function seconds(system: System): number {
  return Number(system.read('/proc/uptime')?.split(' ')[0] ?? 0);
}
