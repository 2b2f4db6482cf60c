import type { Command } from '../command.ts';
import { requireContainer, STATE } from '../containers.ts';
import { CommandError, type System } from '../system.ts';

/** How long a container may take to start: it may wait for others. */
const START_SECONDS = 100;

export const start: Command = {
  usage: 'NAME',
  summary: 'start a container that is not running, and wait until it is',
  options: {},
  positionals: 1,
  run({ positionals: [name = ''] }, system) {
    if (requireContainer(system, name).status !== 'running') startContainer(name, system);
    return 0;
  },
};

export const stop: Command = {
  usage: 'NAME',
  summary: 'ask a container to end, kill it after its time of grace, and do not start it again',
  options: {},
  positionals: 1,
  run({ positionals: [name = ''] }, system) {
    requireContainer(system, name);
    stopContainer(name, system);
    return 0;
  },
};

export const restart: Command = {
  usage: 'NAME',
  summary: 'stop a container, then start it',
  options: {},
  positionals: 1,
  run({ positionals: [name = ''] }, system) {
    requireContainer(system, name);
    stopContainer(name, system);
    startContainer(name, system);
    return 0;
  },
};

function stopContainer(name: string, system: System): void {
  const code = system.execute(['/usr/lib/container-os/stop-container', name]);
  const { status } = requireContainer(system, name);
  if (code !== 0 || ['running', 'starting'].includes(status)) throw new CommandError(`${name} did not stop: it is ${status}`);
}

function startContainer(name: string, system: System): void {
  system.remove(`${STATE}/${name}/stopping`);
  system.remove(`${STATE}/${name}/failures`);
  const before = requireContainer(system, name).reason;
  system.remove(`${STATE}/${name}/reason`);
  if (system.execute(['sv', 'up', `/run/service/${name}`]) !== 0) throw new CommandError(`${name}: its supervisor does not answer${before ? ` (it ended last because: ${before})` : ''}`);
  for (let tenths = START_SECONDS * 10; tenths > 0; tenths--) {
    const { status, reason } = requireContainer(system, name);
    if (status === 'running') return;
    // A reason is there only after this start failed: it was removed before.
    if (reason !== null) throw new CommandError(`${name} did not start: ${reason}`);
    system.sleep(100);
  }
  throw new CommandError(`${name} is not running after ${START_SECONDS} s; see cosctl logs ${name}`);
}
