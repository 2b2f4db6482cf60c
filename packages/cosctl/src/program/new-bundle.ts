import { firstId, ociConfig, parseDefinition, serviceFile, type Definition, type DockerProfile, type OciConfig } from '@container-os/oci-bundle/container';
import { bundleOf, COMPOSE, STATE } from './containers.ts';
import { CommandError, type System } from './system.ts';

const PROFILE = '/usr/share/container-os/seccomp-profile.json';

/** A bundle to create. Its root file system stays where it is and is mounted with its ids mapped. */
export interface NewBundle {
  config: OciConfig;
  /** Null if the source is an OCI bundle. */
  definition: Definition | null;
  /** The file `service`, for the supervisor. */
  service: string;
  /** A directory. */
  rootfs: string;
  /** The id that owns the files in `rootfs` that belong to root in the container. */
  owner: number;
}

/** Copies the definition of `from` under another name. */
export function copyOf(from: string, name: string, system: System): NewBundle {
  const text = system.read(`${bundleOf(system, from)}/definition.json`);
  if (text === undefined) throw new CommandError(`${from} has no definition: it was created from an OCI bundle`);
  const { labels, 'x-first-id': _, ...definition } = parseDefinition(`definition of ${from}`, text);
  return fromDefinition({ ...definition, ...ownLabels(labels), rootfs: [from] }, name, '.', system);
}

/** Without Compose's: the copy is no container of the service. */
function ownLabels(labels: Definition['labels'] = {}): Pick<Definition, 'labels'> {
  const own = Object.entries(labels).filter(([name]) => !name.startsWith(COMPOSE));
  return own.length > 0 ? { labels: Object.fromEntries(own) } : {};
}

/** From a directory with an OCI bundle (config.json), or with a definition (container.json). */
export function fromDirectory(source: string, name: string, system: System): NewBundle {
  const [config, definition] = ['config.json', 'container.json'].map((file) => system.read(`${source}/${file}`));
  if (config !== undefined && definition === undefined) return fromConfig(parseConfig(`${source}/config.json`, config), name, source, system);
  if (definition !== undefined && config === undefined) return fromDefinition(parseDefinition(`${source}/container.json`, definition), name, source, system);
  throw new CommandError(
    `${source}: expected either config.json (an OCI bundle) or container.json (a definition), found ${config === undefined ? 'neither' : 'both'}`,
  );
}

function fromDefinition(given: Definition, name: string, directory: string, system: System): NewBundle {
  const definition: Definition = { ...given, container_name: name, ...ownIds(given, name, system) };
  const [part, ...more] = definition.rootfs ?? [];
  if (part === undefined) throw new CommandError('rootfs: expected one part, got none: only the build of an image takes OCI images');
  if (more.length > 0) throw new CommandError(`rootfs: expected one part, got ${[part, ...more].join(', ')}: only the build of an image merges several parts`);
  const profile = system.read(PROFILE);
  if (profile === undefined) throw new CommandError(`${PROFILE} cannot be read`);
  const config = ociConfig(name, definition, JSON.parse(profile) as DockerProfile);
  return { config, definition, service: serviceFile(name, definition, config), ...rootfsOf(part, directory, system) };
}

/** Ids that no other container has, where it does not say which it has. */
function ownIds(given: Definition, name: string, system: System): Pick<Definition, 'x-first-id'> {
  if (given['x-first-id'] !== undefined) return {};
  // As texts: the configurations are long.
  const configs = system.list(STATE).map((other) => system.read(`${STATE}/${other}/bundle/config.json`) ?? '');
  const taken = new Set(configs.map((text) => Number(/"hostID":\s*(\d+)/.exec(text)?.[1])));
  const id = firstId(name, taken);
  return id === firstId(name) ? {} : { 'x-first-id': id };
}

/** `./directory` beside the definition, or the name of a container. */
function rootfsOf(part: string, directory: string, system: System): Pick<NewBundle, 'rootfs' | 'owner'> {
  if (part.startsWith('./')) return { rootfs: existing(`${directory}/${part}`, system), owner: 0 };
  const bundle = bundleOf(system, part);
  // An id-mapped mount cannot be mapped again, so a container created at run time records its original source.
  const source = system.read(`${bundle}/source.json`);
  if (source !== undefined) return JSON.parse(source) as Pick<NewBundle, 'rootfs' | 'owner'>;
  return {
    rootfs: existing(`${bundle}/rootfs`, system),
    owner: firstOutside(parseConfig(`${bundle}/config.json`, system.read(`${bundle}/config.json`) ?? '')),
  };
}

/** Keeps the configuration of an OCI bundle except for what this OS needs to run it. */
function fromConfig(config: OciConfig, name: string, directory: string, system: System): NewBundle {
  const path = config.root?.path ?? '';
  if (path === '' || !config.process?.args?.[0]) throw new CommandError(`${directory}/config.json: expected process.args and root.path`);
  const adapted = {
    ...config,
    process: { ...config.process, terminal: false },
    root: { ...config.root, path: 'rootfs' },
    linux: { ...config.linux, cgroupsPath: `/containers/${name}` },
  };
  // The files already belong to the ids of the configuration.
  return {
    config: adapted,
    definition: null,
    // A hardened container has no writable layer: whether the root can be written to is for the configuration to say.
    service: serviceFile(name, { 'x-profile': 'hardened', rootfs: ['.'], command: ['.'] }, adapted),
    rootfs: existing(path.startsWith('/') ? path : `${directory}/${path}`, system),
    owner: firstOutside(adapted),
  };
}

function existing(path: string, system: System): string {
  const real = system.realPath(path);
  if (real !== undefined) return real;
  throw new CommandError(`rootfs: ${path}: no such directory`);
}

function parseConfig(file: string, text: string): OciConfig {
  try {
    return JSON.parse(text) as OciConfig;
  } catch (error) {
    throw new CommandError(`${file}: not JSON: ${(error as Error).message}`);
  }
}

/** The id outside of a container's root. */
export function firstOutside({ linux }: OciConfig): number {
  return linux?.uidMappings?.[0]?.hostID ?? 0;
}
