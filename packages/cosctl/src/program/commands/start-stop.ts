import { JSON_OPTION, type Command } from '../command.ts';
import { forEach, isActive, LIBRARY, requireContainer, STATE } from '../containers.ts';
import { CommandError, type System } from '../system.ts';

/** How long a container may take to start: it may wait for others. */
const START_SECONDS = 100;

export const start: Command = {
  usage: 'NAME...',
  summary: 'start containers that do not run, and wait until they do',
  options: JSON_OPTION,
  positionals: [1, Infinity],
  run({ values, positionals }, system) {
    const startIdle = (name: string): void => void (requireContainer(system, name).status === 'running' || startContainer(name, system));
    return forEach(positionals, startIdle, { system, json: values['json'] });
  },
};

export const stop: Command = {
  usage: 'NAME...',
  summary: 'ask containers to end, kill what does not within its time of grace',
  details: 'They are not started again until somebody does, or the OS boots.',
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
  if (code !== 0 || isActive(container)) throw new CommandError(`${name} did not stop: it is ${container.status}`);
}

export function startContainer(name: string, system: System): void {
  system.remove(`${STATE}/${name}/stopping`);
  system.remove(`${STATE}/${name}/failures`);
  // Of one that was created and never started.
  system.remove(`/run/service/${name}/down`);
  const before = requireContainer(system, name).reason;
  system.remove(`${STATE}/${name}/reason`);
  if (system.execute(['sv', 'up', `/run/service/${name}`]) !== 0)
    throw new CommandError(`${name}: its supervisor does not answer${before ? ` (it ended last because: ${before})` : ''}`);
  for (let tenths = START_SECONDS * 10; tenths > 0; tenths--) {
    const { status, reason } = requireContainer(system, name);
    if (status === 'running') return;
    // A reason is there only after this start failed: it was removed before.
    if (reason !== null) throw new CommandError(`${name} did not start: ${reason}`);
    system.sleep(100);
  }
  throw new CommandError(`${name} is not running after ${START_SECONDS} s; see cosctl logs ${name}`);
}
