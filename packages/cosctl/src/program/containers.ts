import { CommandError, type System } from './system.ts';

export const STATE = '/run/container-os/containers';
export const BUNDLES = '/containers';

/** A container as the files of its state directory tell it. */
export interface Container {
  name: string;
  status: string;
  address: string | null;
  pid: number | null;
  /** Seconds since it was started; null when it does not run. */
  uptime: number | null;
  /** Failures in a row. */
  failures: number;
  /** Why it ended last. */
  reason: string | null;
}

export function listContainers(system: System): Container[] {
  return system.list(STATE).filter((name) => system.read(`${STATE}/${name}/status`) !== undefined).map((name) => readContainer(system, name));
}

/** Error: no such container, with the names of those that there are. */
export function requireContainer(system: System, name: string): Container {
  const names = listContainers(system).map((one) => one.name);
  if (names.includes(name)) return readContainer(system, name);
  throw new CommandError(`no such container: ${name} (there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ') || 'none'})`);
}

function readContainer(system: System, name: string): Container {
  const line = (file: string): string | null => system.read(`${STATE}/${name}/${file}`)?.trim() || null;
  const status = line('status') ?? 'unknown';
  const running = status === 'running';
  const started = Number(line('started'));
  const pid = Number(line('pid'));
  return {
    name,
    status,
    address: running ? line('address') : null,
    pid: running && pid > 0 ? pid : null,
    uptime: running ? Math.max(0, now(system) - started) : null,
    failures: Number(line('failures') ?? 0),
    reason: line('reason'),
  };
}

/** Seconds since the kernel started. */
function now(system: System): number {
  return Math.floor(Number(system.read('/proc/uptime')?.split(' ')[0] ?? 0));
}
