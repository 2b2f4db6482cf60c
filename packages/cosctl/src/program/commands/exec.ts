import type { Command } from '../command.ts';
import { requireContainer } from '../containers.ts';
import { CommandError } from '../system.ts';

export const exec: Command = {
  usage: '[OPTIONS] NAME COMMAND [ARGUMENT...]',
  summary: 'run a program in a container; exits as the program does',
  options: {
    tty: { type: 'boolean', short: 't', description: 'give it a terminal; done by itself where this is one' },
    user: { type: 'string', short: 'u', description: 'numbers of user and group, UID[:GID]; default: those of the container' },
  },
  positionals: 2,
  rest: true,
  run({ values, positionals: [name = '', ...command] }, system) {
    const { status } = requireContainer(system, name);
    if (status !== 'running') throw new CommandError(`${name} is not running: it is ${status}`);
    const tty = values['tty'] || system.isTerminal() ? ['--tty'] : [];
    const user = typeof values['user'] === 'string' ? ['--user', values['user']] : [];
    return system.execute(['runc', 'exec', ...tty, ...user, name, ...command]);
  },
};
