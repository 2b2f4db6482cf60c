import { checkName, formatConfig, ID_COUNT } from '@container-os/oci-bundle/container';
import { JSON_OPTION, type Command } from '../command.ts';
import { BUNDLES, LIBRARY, listContainers, readContainer, waitUntil } from '../containers.ts';
import { copyOf, firstOutside, fromDirectory, type NewBundle } from '../new-bundle.ts';
import { CommandError, USAGE, type System } from '../system.ts';
import { startContainer } from './start-stop.ts';

/** Bundles created at run time. */
const MADE = '/run/container-os/bundles';
/** runsvdir looks every 5 s. */
const SUPERVISOR_SECONDS = 15;

export const create: Command = {
  usage: '[OPTIONS] NAME [DIRECTORY]',
  summary: 'create a container; it exists until it is deleted or the OS reboots',
  details: [
    'DIRECTORY holds an OCI bundle (config.json and its root file system) or a definition: container.json with the',
    'keys of a Compose service, whose "rootfs" is one directory next to the file ("./rootfs") or a container ("web").',
    'The root file system is mounted, not copied. Without DIRECTORY, the container NAME of the image is created again.',
  ].join('\n'),
  options: {
    from: { type: 'string', description: 'copy the definition and the root file system of this container' },
    start: { type: 'boolean', description: 'start the container too' },
    ...JSON_OPTION,
  },
  positionals: [1, 2],
  run({ values, positionals: [name = '', directory] }, system) {
    checkName(name);
    if (listContainers(system).some((one) => one.name === name))
      throw new CommandError(`${name} exists already; to replace it, first run cosctl delete ${name}`);
    addContainer(name, bundleFor(name, directory, values['from'], system), system);
    if (values['start']) startContainer(name, system);
    if (values['json']) system.print(`${JSON.stringify(readContainer(system, name))}\n`);
    return 0;
  },
};

/** Returns the directory of the bundle; creates the bundle unless the image has it. */
function bundleFor(name: string, directory: string | undefined, from: unknown, system: System): string {
  if (directory !== undefined && from !== undefined) throw new CommandError('create: expected a directory or --from, got both (see cosctl help create)', USAGE);
  if (typeof from === 'string') return writeBundle(name, copyOf(from, name, system), system);
  if (directory === undefined) {
    if (system.read(`${BUNDLES}/${name}/config.json`) !== undefined) return `${BUNDLES}/${name}`;
    throw new CommandError(`create: expected a directory or --from: the image has no container ${name} (see cosctl help create)`, USAGE);
  }
  const source = system.realPath(directory);
  if (source === undefined) throw new CommandError(`${directory}: no such directory`);
  return writeBundle(name, fromDirectory(source, name, system), system);
}

function writeBundle(name: string, { config, definition, service, rootfs, owner }: NewBundle, system: System): string {
  const bundle = `${MADE}/${name}`;
  for (const path of [MADE, bundle, `${bundle}/rootfs`]) system.makeDirectory(path);
  system.write(`${bundle}/config.json`, formatConfig(config));
  if (definition) system.write(`${bundle}/definition.json`, `${JSON.stringify(definition, null, 2)}\n`);
  system.write(`${bundle}/service`, service);
  system.write(`${bundle}/source.json`, JSON.stringify({ rootfs, owner }));
  if (system.execute([`${LIBRARY}/mount-rootfs`, rootfs, bundle, String(owner), String(firstOutside(config)), String(ID_COUNT)]) === 0) return bundle;
  system.execute([`${LIBRARY}/remove-service`, name]);
  throw new CommandError(`${name} was not created: its root file system ${rootfs} cannot be mounted`);
}

/** Creates the service, and returns when its supervisor runs. */
function addContainer(name: string, bundle: string, system: System): void {
  if (system.execute([`${LIBRARY}/add-service`, name, bundle, 'down']) !== 0) throw new CommandError(`${name} was not created`);
  const runs = waitUntil(system, SUPERVISOR_SECONDS, () => system.realPath(`/run/service/${name}/supervise/ok`) !== undefined);
  if (!runs) throw new CommandError(`${name} was created, but its supervisor did not start within ${SUPERVISOR_SECONDS} s`);
}
