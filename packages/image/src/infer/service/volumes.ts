import { BuildError } from '@container-os/core/errors';
import type { PlaceOf } from '../x-os.ts';
import type { Project, Service } from './model.ts';

export type Mount = NonNullable<Service['volumes']>[number];

/**
 * The mounts of a service with those that it takes from others (`volumes_from`), and what `driver_opts` of a volume stand for: a bind, or a directory
 * in memory.
 *
 * @throws BuildError VOLUME_UNSUPPORTED
 */
export function withVolumes(name: string, service: Service, project: Project, placeOf: PlaceOf): Service {
  const { volumes, tmpfs = [], volumes_from: _, ...rest } = service;
  const mounts = [...takenBy(name, service, project, placeOf), ...(volumes ?? [])];
  const memory = mounts.flatMap((mount) => memoryOf(mount, project, placeOf) ?? []);
  const others = mounts.filter((mount) => memoryOf(mount, project, placeOf) === undefined).map((mount) => bindOf(mount, project));
  return {
    ...rest,
    ...(tmpfs.length + memory.length > 0 ? { tmpfs: [...tmpfs, ...memory] } : {}),
    ...(others.length > 0 ? { volumes: others } : {}),
  };
}

/** What a service takes over by `volumes_from`, but for the places where it mounts something itself; not what is in memory. */
function takenBy(name: string, { volumes = [], volumes_from = [] }: Service, project: Project, placeOf: PlaceOf): Mount[] {
  const own = new Set(volumes.map(({ target }) => target));
  const taken = new Map<string, Mount>();
  for (const [index, text] of volumes_from.entries()) {
    const [, container, from = '', mode] = /^(container:)?([^:]*)(?::(ro|rw|z|Z))?$/.exec(text) ?? [];
    const other = container ? Object.keys(project.services).find((service) => project.containersOf(service).includes(from)) : from;
    const source = other === undefined ? undefined : project.services[other];
    if (other === undefined || !source)
      throw unsupported(placeOf(['services', name, 'volumes_from', index]), `services.${name}.volumes_from: there is no container ${JSON.stringify(from)}`, {
        hint: 'Name a service of this file: the OS has no other containers.',
      });
    const [first = other] = project.containersOf(other);
    for (const mount of [...takenBy(other, source, project, placeOf), ...(source.volumes ?? [])]) {
      if (mount.type === 'tmpfs' || own.has(mount.target)) continue;
      const isOwn = mount.type === 'volume' && mount.source === undefined && mount.volume?.container === undefined;
      taken.set(mount.target, {
        ...mount,
        ...(mode === 'ro' ? { read_only: true } : {}),
        ...(isOwn ? { volume: { ...mount.volume, container: first } } : {}),
      });
    }
  }
  return [...taken.values()];
}

/** Warnings of `volumes_from` of a service with an OCI image: what volumes the image has is known when it is pulled, and to its own bundle. */
export function volumesOfImages({ services }: Project, ofImages: ReadonlySet<string>, placeOf: PlaceOf): string[] {
  return Object.entries(services).flatMap(([name, { volumes_from = [] }]) =>
    volumes_from.flatMap((text, index) => {
      const other = /^(?:container:)?([^:]*)/.exec(text)?.[1] ?? '';
      if (!ofImages.has(other)) return [];
      const place = placeOf(['services', name, 'volumes_from', index]);
      return [`${place}: services.${name}.volumes_from: of ${other}, what it lists in "volumes" is taken over, and no further volume of its image`];
    }),
  );
}

/** `/cache:size=64m`, where the volume is a tmpfs; undefined where it is not. */
function memoryOf({ type, source, target }: Mount, { volumes, services }: Project, placeOf: PlaceOf): string | undefined {
  const { driver = 'local', driver_opts: options = {} } = (type === 'volume' && source !== undefined && volumes[source]) || {};
  const at = (key: string, fault: string, hint: string): BuildError =>
    unsupported(placeOf(['volumes', source!, key]), `volumes.${source}.${key}: ${fault}`, { hint });
  if (!['local', 'default'].includes(driver))
    throw at('driver', `the OS has no driver ${driver}`, 'Delete "driver": a volume is a directory of the data disk.');
  const kind = options['type'] ?? 'none';
  if (Object.keys(options).length === 0 || isBind(options)) return undefined;
  if (kind !== 'tmpfs')
    throw at(
      'driver_opts',
      `the OS mounts no volume of type ${kind}`,
      'Delete "driver_opts": a volume is a directory of the data disk. Or have the program connect.',
    );
  const users = Object.values(services).filter(({ volumes: of = [] }) => of.some((one) => one.type === 'volume' && one.source === source));
  if (users.length > 1) throw at('driver_opts', 'services cannot share a volume in memory', 'Delete "driver_opts", or have each service say "tmpfs".');
  return `${target}:${['exec', ...(options['o'] ? [options['o']] : [])].join(',')}`;
}

function isBind({ type = 'none', o = '', device }: Readonly<Record<string, string>>): boolean {
  return device !== undefined && type === 'none' && o.split(',').some((one) => one === 'bind' || one === 'rbind');
}

function bindOf(mount: Mount, { volumes }: Project): Mount {
  const { driver_opts: options } = (mount.type === 'volume' && mount.source !== undefined && volumes[mount.source]) || {};
  if (!options || !isBind(options)) return mount;
  const readOnly = mount.read_only || (options['o'] ?? '').split(',').includes('ro');
  return { type: 'bind', source: options['device']!, target: mount.target, ...(readOnly ? { read_only: true } : {}) };
}

function unsupported(place: string, fault: string, { hint }: { hint: string }): BuildError {
  return new BuildError('VOLUME_UNSUPPORTED', `${place}: ${fault}`, { hint });
}
