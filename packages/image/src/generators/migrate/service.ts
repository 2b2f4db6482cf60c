import { posix } from 'node:path';

/** A container.json. Its other keys are those of a Compose service. */
export interface OldContainer {
  container_name?: string;
  rootfs: string[];
  networks?: string[];
  network_mode?: string;
  volumes?: string[];
  [key: string]: unknown;
}

/**
 * The service that a container.json describes, and what of it has no key.
 *
 * @param directory of the container.json, relative to the image
 */
export function serviceOf(container: OldContainer, directory: string, patches: unknown): { service: Record<string, unknown>; lost: string[] } {
  const { $schema: _, container_name: __, rootfs, networks, network_mode, volumes = [], 'x-writable-layer': writableLayer, ...same } = container;
  const parts = rootfs.map((part) => (part.startsWith('.') ? `./${posix.join(directory, part)}` : part));
  const folders = parts.filter((part) => part.startsWith('./'));
  const from = parts.includes('busybox') ? 'busybox' : 'scratch';
  const service = {
    ...(folders.length === 0 && from === 'busybox'
      ? { image: from }
      : { build: { dockerfile_inline: [`FROM ${from}`, ...folders.map((folder) => `COPY ${folder.slice(2)} /`), ''].join('\n') } }),
    'x-os': { rootfs: parts, ...(writableLayer === undefined ? {} : { writableLayer }), ...(patches === undefined ? {} : { patches }) },
    ...same,
    ...(network_mode === undefined || network_mode === 'bridge' ? networksOf(networks) : { network_mode }),
    ...(volumes.length > 0 ? { volumes: volumes.map((volume) => withoutExec(volume)) } : {}),
  };
  const lost = [
    ...volumes
      .filter((volume) => withoutExec(volume) !== volume)
      .map((volume) => `volumes: ${volume}: exec; x-os: { profile: docker } of the service allows it`),
    ...parts.flatMap((part) => (folders.includes(part) || part === from ? [] : [`x-os.rootfs: ${part}: the image that Docker builds does not have it`])),
  ];
  return { service, lost };
}

/** Compose attaches by priority, and routes by gw_priority, not in the order of a list. */
function networksOf(names: string[] | undefined): object {
  if (!names) return {};
  if (names.length === 1) return { networks: names };
  const prioritised = names.map((name, index) => {
    const priority = names.length - 1 - index;
    return [name, priority === 0 ? {} : { priority, gw_priority: priority }];
  });
  return { networks: Object.fromEntries(prioritised) as object };
}

function withoutExec(volume: string): string {
  const [source, target, options = ''] = volume.split(':');
  const rest = options.split(',').filter((option) => option !== '' && option !== 'exec');
  return [source, target, ...(rest.length > 0 ? [rest.join(',')] : [])].join(':');
}
