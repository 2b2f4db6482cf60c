import { JSON_OPTION, type Command } from '../command.ts';
import { forEach, isActive, LIBRARY, requireContainer, STATE } from '../containers.ts';
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
  for (let tenths = START_SECONDS * 10; tenths > 0; tenths--) {
    const { status, reason } = requireContainer(system, name);
    if (status === 'running') return;
    // A reason appears only if this start fails: the old one was removed above.
    if (reason !== null) throw new CommandError(`${name} ${reason.startsWith('did not start') ? '' : 'did not start: '}${reason}`);
    system.sleep(100);
  }
  throw new CommandError(`${name} is not running after ${START_SECONDS} s; see cosctl logs ${name}`);
}
