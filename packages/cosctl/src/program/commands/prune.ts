import { JSON_OPTION, type Command } from '../command.ts';
import { BUNDLES, STATE } from '../containers.ts';
import { CommandError, type System } from '../system.ts';
import { table } from '../table.ts';

const DISK = '/var/lib/container-os';

/** What is on the data disk and no container uses. */
interface Leftover {
  kind: 'layer' | 'anonymous volume' | 'volume' | 'bind';
  /** The container of a layer, or the name of the volume; the path in the workspace of files that the image brought. */
  name: string;
  directory: string;
}

export const prune: Command = {
  usage: '[OPTIONS]',
  summary: 'remove from the data disk what containers have left that are gone',
  details: 'Removes writable layers and volumes without a name. Named volumes, and files of the image that were writable, go only with --volumes.',
  options: {
    volumes: { type: 'boolean', description: 'also remove named volumes and files of the image that no container mounts' },
    'dry-run': { type: 'boolean', short: 'n', description: 'only print what would be removed' },
    ...JSON_OPTION,
  },
  positionals: [0, 0],
  run({ values }, system) {
    const found = leftovers(system).filter(({ kind }) => values['volumes'] || ['layer', 'anonymous volume'].includes(kind));
    if (values['json']) system.print(`${JSON.stringify(found, null, 2)}\n`);
    else if (found.length > 0)
      system.print(
        table(
          ['KIND', 'NAME'],
          found.map(({ kind, name }) => [kind, name]),
        ),
      );
    if (values['dry-run']) return 0;
    for (const { directory } of found) if (system.execute(['rm', '-rf', directory]) !== 0) throw new CommandError(`${directory} was not removed completely`);
    return 0;
  },
};

function leftovers(system: System): Leftover[] {
  // A container of the image that was deleted comes back at the next boot.
  const containers = new Set([...system.list(STATE), ...system.list(BUNDLES)]);
  const used = new Set([...containers].flatMap((name) => wordsOf(name, system)));
  const unused = (kind: Leftover['kind'], parent: string, nameOf = (entry: string) => entry): Leftover[] =>
    system
      .list(`${DISK}/${parent}`)
      .filter((entry) => !used.has(`${parent}/${entry}`))
      .map((entry) => ({ kind, name: nameOf(entry), directory: `${DISK}/${parent}/${entry}` }));
  return [
    ...unused('layer', 'layers').filter(({ name }) => !containers.has(name)),
    ...system.list(`${DISK}/anonymous`).flatMap((owner) => {
      const found = unused('anonymous volume', `anonymous/${owner}`, (entry) => `${owner}/${entry}`);
      // The directory of a container of which all is unused goes too.
      return found.length < system.list(`${DISK}/anonymous/${owner}`).length
        ? found
        : found.map((one) => ({ ...one, directory: `${DISK}/anonymous/${owner}` }));
    }),
    ...unused('volume', 'volumes'),
    ...unused('bind', 'binds', decodeURIComponent),
  ];
}

/** The words of the files `service` of a container, of which some name what the container has on the data disk. */
function wordsOf(name: string, system: System): string[] {
  const files = [`${STATE}/${name}/bundle/service`, `${BUNDLES}/${name}/service`];
  const texts = files.map((file) => system.read(file)).filter((text) => text !== undefined);
  if (texts.length === 0) throw new CommandError(`${files[0]} cannot be read: nothing was removed, because ${name} may use anything`);
  return texts.join('\n').split(/[\s';]+/);
}
