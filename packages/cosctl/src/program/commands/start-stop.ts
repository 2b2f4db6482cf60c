import { JSON_OPTION, type Command } from '../command.ts';
import { forEach, isActive, LIBRARY, requireContainer, STATE, waitUntil } from '../containers.ts';
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
  options: JSON_OPTION,
  positionals: [1, Infinity],
  run({ values, positionals }, system) {
    const again = (name: string): void => {
      stopContainer(name, system);
      startContainer(name, system);
    };
    return forEach(positionals, again, { system, json: values['json'] });
  },
};

export function stopContainer(name: string, system: System): void {
  const code = system.execute([`${LIBRARY}/stop-container`, name]);
  const container = requireContainer(system, name);
  if (code !== 0 || isActive(container)) throw new CommandError(`${name} did not stop; its status is ${container.status}`);
}

export function startContainer(name: string, system: System): void {
  system.remove(`${STATE}/${name}/stopping`);
  system.remove(`${STATE}/${name}/failures`);
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
  throw new CommandError(`${name} is not running after ${START_SECONDS} s; see cosctl logs ${name}`);
}
