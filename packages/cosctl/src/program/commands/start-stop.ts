import type { Definition } from '@container-os/oci-bundle/container';
import { JSON_OPTION, type Command } from '../command.ts';
import { forEach, isActive, LIBRARY, listContainers, requireContainer, STATE, waitUntil } from '../containers.ts';
import { CommandError, type System } from '../system.ts';

/** Time limit for a start, which may wait for other containers. */
const START_SECONDS = 100;

export const start: Command = {
  usage: 'NAME...',
  summary: 'start containers and wait until they run',
  options: JSON_OPTION,
  positionals: [1, Infinity],
  run({ values, positionals }, system) {
    const startIdle = (name: string): void => void (requireContainer(system, name).status === 'running' || startContainer(name, system));
    return forEach(positionals, startIdle, { system, json: values['json'] });
  },
};

export const stop: Command = {
  usage: 'NAME...',
  summary: 'stop containers; kill those that outlast their grace period',
  details: 'They stay stopped until somebody starts them or the OS reboots.',
  options: JSON_OPTION,
  positionals: [1, Infinity],
  run({ values, positionals }, system) {
    return forEach(positionals, (name) => stopContainer(name, system), { system, json: values['json'] });
  },
};

export const restart: Command = {
  usage: 'NAME...',
  summary: 'stop containers, then start them',
  details: 'Containers that depend on them with "restart: true" are restarted too.',
  options: JSON_OPTION,
  positionals: [1, Infinity],
  run({ values, positionals }, system) {
    const again = (name: string): void => {
      const dependents = restartedWith(name, system);
      for (const one of [...dependents].reverse()) stopContainer(one, system);
      stopContainer(name, system);
      for (const one of [name, ...dependents]) startContainer(one, system);
    };
    return forEach(positionals, again, { system, json: values['json'] });
  },
};

/** Active containers that are restarted with `name`, each after those that it depends on. */
function restartedWith(name: string, system: System): string[] {
  const active = listContainers(system).flatMap((one) => (isActive(one) && one.name !== name ? [one.name] : []));
  const needs = new Map(active.map((one) => [one, dependsOn(one, system)]));
  const found = new Set([name]);
  // A loop over a set goes on to what is added to it.
  for (const other of found) for (const one of active) if (needs.get(one)?.[other]?.restart) found.add(one);
  found.delete(name);
  const sorted: string[] = [];
  for (let rest = [...found]; rest.length > 0; rest = rest.filter((one) => !sorted.includes(one))) {
    const next = rest.filter((one) => !rest.some((other) => other in (needs.get(one) ?? {})));
    // Of a cycle none is first.
    sorted.push(...(next.length > 0 ? next : rest));
  }
  return sorted;
}

function dependsOn(name: string, system: System): Definition['depends_on'] {
  return (JSON.parse(system.read(`${STATE}/${name}/bundle/definition.json`) ?? 'null') as Definition | null)?.depends_on;
}

export function stopContainer(name: string, system: System): void {
  const code = system.execute([`${LIBRARY}/stop-container`, name]);
  const container = requireContainer(system, name);
  if (code !== 0 || isActive(container)) throw new CommandError(`${name} did not stop; its status is ${container.status}`);
}

export function startContainer(name: string, system: System): void {
  system.remove(`${STATE}/${name}/stopping`);
  for (const count of ['failures', 'restarts']) system.remove(`${STATE}/${name}/${count}`);
  // Keeps a container that was created and never started from running.
  system.remove(`/run/service/${name}/down`);
  const before = requireContainer(system, name).reason;
  system.remove(`${STATE}/${name}/reason`);
  if (system.execute(['sv', 'up', `/run/service/${name}`]) !== 0)
    throw new CommandError(`${name}: its supervisor does not answer${before ? ` (the container ended last because: ${before})` : ''}`);
  const line = (file: string): string => system.read(`${STATE}/${name}/${file}`)?.trim() ?? '';
  // A reason appears only if this start fails: the old one was removed above. A container that is deleted has no status.
  waitUntil(system, START_SECONDS, () => ['running', ''].includes(line('status')) || line('reason') !== '');
  const [status, reason] = [line('status'), line('reason')];
  if (status === 'running') return;
  if (reason !== '') throw new CommandError(`${name} ${reason.startsWith('did not start') ? '' : 'did not start: '}${reason}`);
  requireContainer(system, name);
  throw new CommandError(`${name} is not running after ${START_SECONDS} s${line('waiting') && `: it ${line('waiting')}`}; see cosctl logs ${name}`);
}
