import { ociConfig, parseDefinition, serviceFile, type Definition, type DockerProfile, type OciConfig } from '@container-os/oci-bundle/container';
import { bundleOf } from './containers.ts';
import { CommandError, type System } from './system.ts';

const PROFILE = '/usr/share/container-os/seccomp-profile.json';

/** What is to be a container. Its root file system stays where it is and is mounted with its ids mapped. */
export interface NewBundle {
  config: OciConfig;
  /** Null when it came with a configuration of its own. */
  definition: Definition | null;
  /** For the supervisor. */
  service: string;
  /** A directory. */
  rootfs: string;
  /** To whom the files in `rootfs` belong that are root's in the container. */
  owner: number;
}

/** As `from` is defined, under another name. */
export function copyOf(from: string, name: string, system: System): NewBundle {
  const text = system.read(`${bundleOf(system, from)}/definition.json`);
  if (text === undefined) throw new CommandError(`${from} has no definition: it was created from an OCI bundle`);
  return fromDefinition({ ...parseDefinition(`definition of ${from}`, text), rootfs: [from] }, name, '.', system);
}

/** From a directory with an OCI bundle (config.json), or with a definition (container.json). */
export function fromDirectory(source: string, name: string, system: System): NewBundle {
  const [config, definition] = ['config.json', 'container.json'].map((file) => system.read(`${source}/${file}`));
  if (config !== undefined && definition === undefined) return fromConfig(parseConfig(`${source}/config.json`, config), name, source, system);
  if (definition !== undefined && config === undefined) return fromDefinition(parseDefinition(`${source}/container.json`, definition), name, source, system);
  throw new CommandError(
    `${source}: expected either config.json (an OCI bundle) or container.json (a definition) in it, found ${config === undefined ? 'neither' : 'both'}`,
  );
}

function fromDefinition(given: Definition, name: string, directory: string, system: System): NewBundle {
  const definition: Definition = { ...given, container_name: name };
  const [part, ...more] = definition.rootfs;
  if (more.length > 0) throw new CommandError(`rootfs: expected one part, got ${definition.rootfs.join(', ')}: parts are put together when an image is built`);
  const profile = system.read(PROFILE);
  if (profile === undefined) throw new CommandError(`${PROFILE} cannot be read`);
  const config = ociConfig(name, definition, JSON.parse(profile) as DockerProfile);
  return { config, definition, service: serviceFile(definition), ...rootfsOf(part, directory, system) };
}

/** `./directory` beside the definition, or the name of a container. */
function rootfsOf(part: string, directory: string, system: System): Pick<NewBundle, 'rootfs' | 'owner'> {
  if (part.startsWith('./')) return { rootfs: existing(`${directory}/${part}`, system), owner: 0 };
  const bundle = bundleOf(system, part);
  // Of a map there is no map: one that was created itself says where its files are.
  const source = system.read(`${bundle}/source.json`);
  if (source !== undefined) return JSON.parse(source) as Pick<NewBundle, 'rootfs' | 'owner'>;
  return {
    rootfs: existing(`${bundle}/rootfs`, system),
    owner: firstOutside(parseConfig(`${bundle}/config.json`, system.read(`${bundle}/config.json`) ?? '')),
  };
}

/** What an OCI bundle says counts, but for what this OS needs to run it. */
function fromConfig(config: OciConfig, name: string, directory: string, system: System): NewBundle {
  const path = config.root?.path ?? '';
  if (path === '' || !config.process?.args?.[0]) throw new CommandError(`${directory}/config.json: expected process.args and root.path`);
  const adapted = {
    ...config,
    process: { ...config.process, terminal: false },
    root: { ...config.root, path: 'rootfs' },
    linux: { ...config.linux, cgroupsPath: `/containers/${name}` },
  };
  // Its files belong already to the ids that it says.
  return {
    config: adapted,
    definition: null,
    service: serviceFile({ rootfs: ['.'], command: ['.'] }),
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

/** Who root of a container is outside. */
export function firstOutside({ linux }: OciConfig): number {
  return linux?.uidMappings?.[0]?.hostID ?? 0;
}
