import { JSON_OPTION, type Command } from '../command.ts';
import { forEach, isActive, LIBRARY, requireContainer } from '../containers.ts';
import { CommandError, type System } from '../system.ts';
import { stopContainer } from './start-stop.ts';

export const deleteCommand: Command = {
  usage: '[OPTIONS] NAME...',
  summary: 'delete containers with their logs',
  details: 'A container of the image comes back at the next boot, or with cosctl create NAME.',
  options: { force: { type: 'boolean', short: 'f', description: 'stop running containers first' }, ...JSON_OPTION },
  positionals: [1, Infinity],
  run({ values, positionals }, system) {
    return forEach(positionals, (name) => deleteContainer(name, system, Boolean(values['force'])), { system, json: values['json'] });
  },
};

function deleteContainer(name: string, system: System, force: boolean): void {
  const container = requireContainer(system, name);
  if (isActive(container)) {
    if (!force) throw new CommandError(`${name} is ${container.status}: stop it first, or delete it with --force`);
    stopContainer(name, system);
  }
  if (system.execute([`${LIBRARY}/remove-service`, name]) !== 0) throw new CommandError(`${name} was not deleted completely`);
}
